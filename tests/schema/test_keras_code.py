"""Python code of a tutorial in the words of a config."""

import pytest
from fixtures import CIRCLES, experiment, problems_of

from rnacli.schema.keras_code import translate_code
from rnacli.schema.keras_hints import known_names


@pytest.mark.parametrize(
    ("category", "code", "said"),
    [
        ("layer", "Dense(8, activation='tanh')", "- dense: {units: 8, activation: tanh}"),
        ("layer", "keras.layers.Conv2D(32, (3, 3), kernel_regularizer=l2(0.01))",
         "- conv2d: {filters: 32, kernel_size: [3, 3], kernel_regularizer: {l2: 0.01}}"),
        ("layer", "Dense(10, use_bias=False, bias_constraint=None)",
         "- dense: {units: 10, use_bias: false, bias_constraint: null}"),
        ("layer", "Flatten()", "- flatten"),
        ("layer", "Dense(8", "- dense: ..."),
        ("layer", "Dense(2**4 * -(-2))", "- dense: {units: 32}"),
        ("layer", "Dense(9**9**9)", "- dense: {units: 9 ** 9 ** 9}"),
        ("callback", "EarlyStopping(patience=3)", "- early_stopping: {patience: 3}"),
        ("optimizer", "tf.keras.optimizers.Adam", "adam"),
        ("optimizer", "Adam(learning_rate=0.01)", "{adam: {learning_rate: 0.01}}"),
        ("optimizer", "SGD(ExponentialDecay(0.1, 10, 0.9))",
         "{sgd: {learning_rate: {exponential_decay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.9}}}}"),
        ("loss", "keras.losses.MeanSquaredError()", "mean_squared_error"),
        ("optimizer", "Adam(lr=1e-3, decay=1e-5)", "{adam: {learning_rate: 0.001, decay: 1e-05}}"),
        ("optimizer", "torch.optim.SGD(lr=0.1),", "{sgd: {learning_rate: 0.1}}"),
        ("optimizer", "tf.train.GradientDescentOptimizer(0.1)", "{sgd: {learning_rate: 0.1}}"),
        ("layer", "model.add(Dense(8, input_dim=4, init='normal'))", "- dense: {units: 8, kernel_initializer: normal}"),
        ("layer", "LeakyReLU(alpha=0.1)(x)", "- leaky_relu: {negative_slope: 0.1}"),
        ("loss", "nn.CrossEntropyLoss()", "sparse_categorical_crossentropy"),
        ("regularizer", "l2(0.01)", "{l2: 0.01}"),
        ("activation", "tf.nn.relu", "relu"),
        ("layer", "my.Attention", ""),
        ("layer", "Unheard(3)", ""),
        ("layer", "dense", ""),
        ("layer", "(" * 499, ""),
        ("layer", "__import__('os').system('true')", ""),
    ],
)  # fmt: skip
def test_code_is_said_in_the_words_of_a_config(category: str, code: str, said: str) -> None:
    assert translate_code(category, code) == said


@pytest.mark.parametrize(
    ("name", "hint"), [("mcc", "rna evaluate"), ("Balanced accuracy", "rna evaluate"), ("dice", "f1")]
)
def test_scores_that_are_no_metrics_of_keras(name: str, hint: str) -> None:
    assert hint in known_names("metric", name)


def test_a_call_that_yaml_has_divided_at_its_commas_is_one_mistake() -> None:
    layers = "layers: [Dense(4, activation='tanh'), dense: 2, Conv2D(8, (3, 3)), dense: 1]\n"
    text = CIRCLES[: CIRCLES.index("layers:")] + layers + CIRCLES[CIRCLES.index("loss:") :]
    said = [(problem.place, problem.hint) for problem in problems_of(experiment, text)]
    assert [hint for _, hint in said] == [
        "write - dense: {units: 4, activation: tanh}",
        "write - conv2d: {filters: 8, kernel_size: [3, 3]}",
    ]
    assert [int(place.split(":")[2]) for place, _ in said] == [layers.index(name) + 1 for name in ("Dense", "Conv")]


def test_what_is_said_can_be_written() -> None:
    code = "layers: [{dense: {units: 1, activation: sigmoid}}]"
    text = (
        CIRCLES[: CIRCLES.index("layers:")]
        + "layers: [\"Dense(1, activation='sigmoid')\"]\n"
        + CIRCLES[CIRCLES.index("loss:") :]
    )
    (problem,) = problems_of(experiment, text)
    assert problem.hint == "write - dense: {units: 1, activation: sigmoid}"
    assert experiment(text.replace(text[text.index("layers:") : text.index("\nloss:")], code)).layers[0].name == "dense"
