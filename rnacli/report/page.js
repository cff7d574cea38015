// Reads the values of a curve at the pointer or by the arrow keys; makes a picture larger and small again.
for (const svg of document.querySelectorAll("svg.curve")) {
  const data = JSON.parse(svg.dataset.curves), last = data.epochs.length - 1;
  const line = svg.querySelector(".at"), out = svg.closest("figure").querySelector("output");
  let at = last;
  const show = i => {
    at = Math.min(Math.max(i, 0), last);
    const x = last ? at / last * svg.viewBox.baseVal.width : 0;
    line.setAttribute("x1", x); line.setAttribute("x2", x); line.style.visibility = "visible";
    const there = data.curves.filter(curve => typeof curve[1][at] === "number");
    out.textContent = data.epoch + " " + data.epochs[at] + ": "
      + there.map(curve => curve[0] + " " + Number(curve[1][at].toPrecision(4))).join(", ");
  };
  const hide = () => { line.style.visibility = "hidden"; out.textContent = "\u00a0"; };
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect();
    show(Math.round((event.clientX - box.left) / box.width * last));
  });
  svg.addEventListener("keydown", event => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -last, End: last }[event.key];
    if (steps !== undefined) { event.preventDefault(); show(at + steps); }
  });
  svg.addEventListener("focus", () => show(at));
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("blur", hide);
}
for (const button of document.querySelectorAll("figure button"))
  button.addEventListener("click", () =>
    button.setAttribute("aria-pressed", button.parentNode.classList.toggle("large")));
