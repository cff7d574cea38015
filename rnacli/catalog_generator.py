"""Writes ``catalog.json`` from the installed Keras and scikit-learn: ``python -m rnacli.catalog_generator``.

Names, order and defaults are the signatures'. Types and bounds are ``RULES``, each read in the source of the class
that it is for, since a wrong one would refuse a good file.
"""

import fnmatch
import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rnacli.catalog import BASE_ARGUMENTS
from rnacli.errors import plain

Data = dict[str, Any]

KERAS = {
    "layer": ("layers", "Layer"),
    "optimizer": ("optimizers", "Optimizer"),
    "schedule": ("optimizers.schedules", "LearningRateSchedule"),
    "loss": ("losses", "Loss"),
    "metric": ("metrics", "Metric"),
    "initializer": ("initializers", "Initializer"),
    "regularizer": ("regularizers", "Regularizer"),
    "constraint": ("constraints", "Constraint"),
    "activation": ("activations", ""),
    "callback": ("callbacks", "Callback"),
}
"""For each category its Keras module and the base class of its members (activations are functions)."""

CORRECTED = {
    "adam_w": "adamw",
    "binary_io_u": "binary_iou",
    "f_beta_score": "fbeta_score",
    "io_u": "iou",
    "leaky_re_lu": "leaky_relu",
    "mean_io_u": "mean_iou",
    "one_hot_io_u": "one_hot_iou",
    "one_hot_mean_io_u": "one_hot_mean_iou",
    "p_re_lu": "prelu",
    "re_lu": "relu",
    "rm_sprop": "rmsprop",
    "schedule_free_adam_w": "schedule_free_adamw",
    "tensor_board": "tensorboard",
    "terminate_on_na_n": "terminate_on_nan",
}
"""Snake case as the tutorials write it, where capitals mislead the rule."""

_ERRORS = {
    "mean_squared_error": ["mse"],
    "mean_absolute_error": ["mae"],
    "mean_absolute_percentage_error": ["mape"],
    "mean_squared_logarithmic_error": ["msle"],
    "binary_crossentropy": ["bce"],
    "kl_divergence": ["kld", "kullback_leibler_divergence"],
}
ALIASES: dict[str, dict[str, list[str]]] = {
    "loss": {**_ERRORS, "huber": ["huber_loss"]},
    "metric": {
        **_ERRORS,
        "accuracy": ["acc"],
        "root_mean_squared_error": ["rmse"],
        "log_cosh_error": ["log_cosh"],
        "f1_score": ["f1"],
        "r2_score": ["r2"],
    },
    "initializer": {
        "random_normal": ["normal"],
        "random_uniform": ["uniform"],
        "ones": ["one"],
        "zeros": ["zero"],
    },
}
"""The further words that ``keras.losses.get`` and its like take, and a few that users write."""

_ABSTRACT = "it is a base class, to be extended in Python"
_NO_TARGET = "it does not return rows and their target"
_WORD = "write binary_crossentropy, categorical_crossentropy or sparse_categorical_crossentropy"
REFUSED: dict[str, dict[str, str]] = {
    "layer": {
        "Lambda": "it would run code from the file; use the layers that Keras has",
        "TorchModuleWrapper FlaxLayer JaxLayer TFSMLayer": "it would load or run a foreign model, which can hold code",
        "Input InputLayer": "the shape of the input follows from the dataset; leave it out",
        "Layer Wrapper": _ABSTRACT,
    },
    "optimizer": {
        "LossScaleOptimizer": "rna adds it by itself where the precision needs it",
        "MultiOptimizer OptimizerMap": "one optimizer trains the whole network",
        "Optimizer": _ABSTRACT,
    },
    "schedule": {"LearningRateSchedule": _ABSTRACT},
    "loss": {"Loss": _ABSTRACT, "crossentropy ce": _WORD},
    "metric": {
        "Mean Sum MeanMetricWrapper": "it does not compare predictions with the truth",
        "Metric": _ABSTRACT,
        "crossentropy ce": _WORD,
    },
    "initializer": {"Initializer": _ABSTRACT},
    "regularizer": {"Regularizer": _ABSTRACT},
    "constraint": {"Constraint": _ABSTRACT},
    "activation": {
        "threshold": "it needs arguments, and an activation has none in a file",
        "prelu": "it has weights; make it a layer of its own, after this one",
    },
    "callback": {
        "LambdaCallback": "it needs Python code",
        "LearningRateScheduler": "it needs Python code; give the optimizer's learning_rate a schedule",
        "RemoteMonitor": "it would send the run over the network",
        "CSVLogger ProgbarLogger History": "rna itself writes history.csv and shows the progress",
        "BackupAndRestore OrbaxCheckpoint": "rna keeps its own checkpoints, for rna train --resume",
        "Callback CallbackList": _ABSTRACT,
    },
    "sklearn_dataset": {
        "load_files load_svmlight_file load_svmlight_files": "it reads files; save the data as a CSV and use csv:",
        "load_sample_image load_sample_images": _NO_TARGET,
        "make_biclusters make_checkerboard make_low_rank_matrix make_spd_matrix": _NO_TARGET,
        "make_sparse_coded_signal make_sparse_spd_matrix": _NO_TARGET,
        "fetch_*": "it needs a download; load_* and make_* only; save it as a CSV and use csv:",
    },
    "keras_dataset": {"imdb reuters": "its rows are sequences of words, which rna does not read from keras yet"},
}

RULES = """
# Not for a file: arrays, quantization, where Keras keeps its data, the form in which scikit-learn returns them, and
# what a layer takes and then rejects, or forgets without a word.
drop: weights quantization_config gptq_unpacked_column_size path test_split keras_dataset.*.seed
drop: sklearn_dataset.*.return_* sklearn_dataset.*.sparse sklearn_dataset.*.as_frame sklearn_dataset.*.coef
drop: layer.ActivityRegularization.activity_regularizer layer.*Lookup.activity_regularizer
drop: layer.HashedCrossing.activity_regularizer layer.HashedCrossing.trainable layer.*Lookup.trainable
drop: layer.SimpleRNN.activity_regularizer
# A key of every dataset has the same name and another meaning.
drop: sklearn_dataset.make_classification.scale

# Everywhere
initializer: *_initializer
regularizer: *_regularizer
constraint: *_constraint
activation null: activation recurrent_activation
text: name dtype
text channels_last|channels_first: data_format
integer: seed
integers: axis
number >=0: epsilon epsilon_1 epsilon_2 stddev l1 l2
number >=0 <=1: momentum renorm_momentum ema_momentum rho rate dropout recurrent_dropout

# Layers
layer: layer backward_layer cell
layers: cells layers
integer >=1: units filters n input_dim output_dim height width depth_multiplier groups num_heads key_dim value_dim
integer >=1: head_dim num_query_heads num_key_value_heads sliding_window lora_rank power_iterations
integer >=-1: layer.GroupNormalization.groups
integers >=1: kernel_size pool_size strides dilation_rate output_size size layer.MultiHeadAttention.output_shape
integer >=1: layer.UpSampling1D.size
integers >=0: output_padding layer.ZeroPadding1D.padding layer.Cropping1D.cropping
integers: axes shared_axes attention_axes
integers null: layer.Normalization.axis
integer: layer.BatchNormalization.axis layer.Concatenate.axis layer.RMSNormalization.axis
list: dims target_shape noise_shape
any: layer.EinsumDense.output_shape layer.Normalization.mean layer.Normalization.variance use_cudnn renorm_clipping
any: layer.ZeroPadding[23]D.padding cropping
number: lora_alpha logit_soft_cap layer.*.alpha layer.Masking.mask_value
number >=0: layer.*.negative_slope layer.ReLU.max_value layer.ReLU.threshold
number >=0 <=1: layer.GaussianNoise.stddev
numbers: layer.Rescaling.scale layer.Rescaling.offset
text: equation bias_axes reverse_dtype
boolean: flash_attention
text valid|same: padding
text valid|same|causal: layer.Conv1D.padding
text concat|sum|mul|ave null: merge_mode
text dot|concat: score_mode

# Layers that change pictures: a factor is a number, or the two ends that one is drawn between
numbers >=0 <=1: factor x_factor y_factor addition_factor threshold_factor sigma
numbers >=0 <=1: layer.RandomElasticTransform.scale layer.RandomErasing.scale
numbers >=-1 <=1: layer.RandomBrightness.factor layer.RandomRotation.factor height_factor width_factor
numbers >=-1 <=1: layer.RandomSaturation.factor layer.RandomColorDegeneration.factor
numbers >-1 <=1: layer.RandomZoom.*_factor
numbers: brightness_factor contrast_factor saturation_factor hue_factor layer.RandomErasing.fill_value
number >=0 <=1: layer.RandomGrayscale.factor layer.RandomPerspective.scale
number >=0: layer.MixUp.alpha clip_limit
integers >=1 <=8: layer.RandomPosterization.factor
integer >=1: max_number num_ops num_chains chain_depth bins
list: value_range tile_grid_size
text horizontal|vertical|horizontal_and_vertical: layer.RandomFlip.mode
text nearest|bilinear: interpolation
text nearest|bilinear|bicubic|lanczos3|lanczos5|area: layer.Resizing.interpolation layer.UpSampling2D.interpolation
text reflect|wrap|constant|nearest: fill_mode
text reflect|wrap|constant|nearest|mirror: layer.RandomElasticTransform.fill_mode
text constant: layer.Resizing.fill_mode

# Layers for sound, words and categories. A vocabulary is never a text: Keras would read the file that it names.
list: vocabulary idf_weights bin_boundaries
integer >=1: fft_length frame_length frame_step sequence_length sequence_stride sampling_rate num_mel_bins
integer >=1: num_bins output_sequence_length
integer >=1 required: layer.CategoryEncoding.num_tokens
integer >=2: max_tokens
integer >=0: num_oov_indices
integers >=1: ngrams
integers: salt
integer: layer.IntegerLookup.mask_token layer.IntegerLookup.oov_token
number: max_freq
number >=0: min_freq mag_exp min_power ref_power top_db
any null: window
any: mask_value
text: mask_token
text log|magnitude|psd|real|imag|angle|stft: layer.STFTSpectrogram.mode
text density|spectrum null: scaling
text int|one_hot|multi_hot|count|tf_idf: output_mode
text int|one_hot|multi_hot|count: layer.Discretization.output_mode layer.Hashing.output_mode
text one_hot|multi_hot|count: layer.CategoryEncoding.output_mode
text int|one_hot: layer.HashedCrossing.output_mode
text int64: vocabulary_dtype
text floormod|farmhash: oov_method
text lower_and_strip_punctuation|lower|strip_punctuation null: standardize
text whitespace|character null: layer.TextVectorization.split

# Optimizers and schedules. Steps may be 1e4.
learning_rate >0: learning_rate
number >=0 <1: beta_1 beta_2 adam_beta_1 adam_beta_2
number >0 <=1: optimizer.Lion.beta_1
number >=0 <=1: optimizer.Lion.beta_2
number >0: clipnorm clipvalue global_clipnorm loss_scale_factor decay_steps first_decay_steps t_mul
number >=0: weight_decay adam_lr_ratio initial_accumulator_value clip_threshold l1_regularization_strength
number >=0: l2_regularization_strength l2_shrinkage_regularization_strength warmup_steps initial_learning_rate
number >=0: end_learning_rate warmup_target decay_rate m_mul schedule.*.alpha
number >=0 null: optimizer.Muon.weight_decay adam_weight_decay rms_rate
number <=0: learning_rate_power
integer >=0: optimizer.ScheduleFreeAdamW.warmup_steps
integer >=1: ema_overwrite_frequency ns_steps
integer >=2: gradient_accumulation_steps
list: exclude_layers boundaries values

# Losses and metrics
integer: loss.*.axis metric.*.axis ignore_class
integers: loss.Dice.axis loss.Tversky.axis metric.*Correlation.axis
number >0: delta metric.FBetaScore.beta
number >=0: gamma
number >0 <1: loss.CategoricalGeneralizedCrossEntropy.q
number >0 <=1: metric.F1Score.threshold metric.FBetaScore.threshold
number >=0 <=1: label_smoothing recall precision sensitivity specificity
numbers >=0: loss.CategoricalFocalCrossentropy.alpha
numbers >=0 <=1: thresholds
list: metric.AUC.thresholds label_weights target_class_ids
integer >=0: class_id num_regressors
integer >=1: num_thresholds num_labels num_classes top_k k
integer >=2: metric.AUC.num_thresholds
text sum_over_batch_size|sum|mean|mean_with_sample_weight|none null: reduction
text ROC|PR|PRGAIN|roc|pr|prgain: curve
text interpolation|minoring|majoring: summation_method
text micro|macro|weighted: average
text uniform_average|variance_weighted_average null: class_aggregation

# Initializers, regularizers, constraints
number >0: initializer.VarianceScaling.scale
number >=0: regularizer.*.factor constraint.*.max_value constraint.*.min_value
list: input_axes output_axes
text fan_in|fan_out|fan_avg: initializer.VarianceScaling.mode
text truncated_normal|untruncated_normal|uniform|normal: distribution
text real|imag: side
text rows|columns: regularizer.*.mode

# Callbacks and datasets
integer >=0: patience cooldown start_from_epoch verbose histogram_freq embeddings_freq
integers >=0: profile_batch
number: baseline initial_value_threshold
number >=0: min_delta min_lr
number >=0 <1: callback.ReduceLROnPlateau.factor
text: filepath embeddings_metadata
text auto|min|max: callback.*.mode
any: save_freq update_freq
any null: sklearn_dataset.make_blobs.centers
text fine|coarse: label_mode
text large|small: version
"""
"""A line for each kind of argument: type, bounds, choices, null where Keras allows it; then the arguments' names.

``category.Class.argument`` goes before a bare name, and the longer pattern before the shorter one. An argument
without a rule has its default's type, or any; scikit-learn's have what its own validators check.
"""


def catalog() -> Data:
    """Everything that the installed Keras and scikit-learn offer to a file, and why not the rest."""
    import keras
    import sklearn

    entries = {category: dict(sorted(_keras_entries(category))) for category in KERAS}
    entries["metric"]["accuracy"] = {"target": "accuracy", "arguments": {}}  # compile chooses the class by the target
    entries["sklearn_dataset"] = dict(sorted(_sklearn_entries()))
    entries["keras_dataset"] = dict(sorted(_keras_dataset_entries()))
    for category, named in ALIASES.items():
        for name, aliases in named.items():
            entry = entries[category][name]
            entry["aliases"] = sorted({*entry.get("aliases", ()), *aliases})
    return {
        "versions": {"keras": keras.__version__, "scikit-learn": sklearn.__version__},
        "entries": entries,
        "refused": {category: dict(sorted(_refused(category).items())) for category in entries},
    }


def text(data: Data) -> str:
    """The catalogue as JSON, one entry a line, so that two versions can be compared by eye."""
    parts = [f'"versions": {_line(data["versions"])}']
    for part in ("entries", "refused"):
        blocks = [
            f"{_line(category)}: {_block(f'{_line(name)}: {_line(value)}' for name, value in named.items())}"
            for category, named in data[part].items()
        ]
        parts.append(f"{_line(part)}: {_block(blocks)}")
    return _block(parts) + "\n"


def _block(lines: Iterable[str]) -> str:
    return "{\n" + ",\n".join(lines) + "\n}"


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _keras_entries(category: str) -> Iterator[tuple[str, Data]]:
    """The members of a Keras module, each once under the name that tutorials write, with its other names."""
    module = _keras_module(category)
    spellings: dict[Any, list[str]] = {}
    for attribute in sorted(vars(module)):
        member = getattr(module, attribute)
        if _offered(category, member) and attribute not in _refused(category):
            spellings.setdefault(member, []).append(attribute)
    for member, attributes in spellings.items():
        target = member.__name__ if member.__name__ in attributes else attributes[0]
        name = _name(target, vars(module))
        aliases = sorted({a for a in (*attributes, member.__name__) if plain(a) != plain(name)})
        arguments = {} if category == "activation" else _arguments(f"{category}.{target}", member)
        yield name, {"target": target, **({"aliases": aliases} if aliases else {}), "arguments": arguments}


def _keras_module(category: str) -> Any:
    import keras

    module: Any = keras
    for part in KERAS[category][0].split("."):
        module = getattr(module, part)
    return module


def _offered(category: str, member: Any) -> bool:
    base = KERAS[category][1]
    if base:
        return inspect.isclass(member) and issubclass(member, getattr(_keras_module(category), base))
    return inspect.isfunction(member) and next(iter(inspect.signature(member).parameters)) == "x"


def _name(target: str, module: Mapping[str, Any]) -> str:
    """Keras' own lower-case name where it has one, else the class name in snake case."""
    own = [name for name in module if name == name.lower() and plain(name) == plain(target)]
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", target)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    return own[0] if own else CORRECTED.get(snake, snake)


def _sklearn_entries() -> Iterator[tuple[str, Data]]:
    import sklearn.datasets

    for name in sklearn.datasets.__all__:
        if name.startswith(("make_", "load_")) and name not in _refused("sklearn_dataset"):
            arguments = _arguments(f"sklearn_dataset.{name}", getattr(sklearn.datasets, name))
            yield name, {"target": name, "arguments": arguments}


def _keras_dataset_entries() -> Iterator[tuple[str, Data]]:
    import keras

    for name, module in vars(keras.datasets).items():
        if hasattr(module, "load_data") and name not in _refused("keras_dataset"):
            yield name, {"target": name, "arguments": _arguments(f"keras_dataset.{name}", module.load_data)}


def _refused(category: str) -> dict[str, str]:
    """The refused names and why, patterns replaced by what scikit-learn has."""
    import sklearn.datasets

    refused = {name: why for names, why in REFUSED.get(category, {}).items() for name in names.split()}
    for pattern in [name for name in refused if "*" in name]:
        refused |= dict.fromkeys(fnmatch.filter(sklearn.datasets.__all__, pattern), refused.pop(pattern))
    return refused


def _arguments(owner: str, function: Callable[..., Any]) -> dict[str, Data]:
    """The arguments of a class or function that a file can give, in the order of its signature."""
    parameters = _parameters(function)
    named = {name: p for name, p in parameters.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    named.pop("self", None)
    if owner.startswith("layer.") and any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
        base = _parameters(_keras_module("layer").Layer)
        named |= {name: base[name] for name in BASE_ARGUMENTS if name not in named}
    checks = getattr(function, "_skl_parameter_constraints", {})
    arguments = {}
    for name, parameter in named.items():
        rule = _rule(f"{owner}.{name}", "" if name in checks else name)
        rule = rule or (_sklearn_rule(checks[name]) if name in checks else "")
        if rule != "drop":
            arguments[name] = _argument(rule, parameter)
    return arguments


def _parameters(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    # Keras' classes have a __new__ that takes anything, and inspect would prefer it.
    return inspect.signature(function.__init__ if inspect.isclass(function) else function).parameters


def _rule(path: str, name: str) -> str:
    """The rule of ``RULES`` for ``category.Class.argument`` or, unless it is empty, the bare name."""
    found = [pattern for pattern in _RULES if fnmatch.fnmatchcase(path if "." in pattern else name, pattern)]
    return _RULES[max(found, key=lambda pattern: ("." in pattern, len(pattern)))] if found else ""


def _read_rules(table: str) -> dict[str, str]:
    lines = [line.partition(": ") for line in table.splitlines() if line and not line.startswith("#")]
    return {pattern: rule for rule, _, patterns in lines for pattern in patterns.split()}


_RULES = _read_rules(RULES)


def _sklearn_rule(checks: list[Any]) -> str:
    """What scikit-learn's own validator checks, as a rule."""
    from sklearn.utils._param_validation import Interval

    null = ["null"] if None in checks else []
    if "random_state" in checks:
        return f"integer >=0 <={2**32 - 1}"
    if "boolean" in checks:
        return "boolean"
    several = "array-like" in checks or tuple in checks
    for check in checks:
        if isinstance(check, Interval):
            kind = "integer" if check.type.__name__ == "Integral" else "number"
            lower = ">=" if check.closed in ("left", "both") else ">"
            upper = "<=" if check.closed in ("right", "both") else "<"
            bounds = [f"{sign}{end}" for sign, end in ((lower, check.left), (upper, check.right)) if end is not None]
            return " ".join([f"{kind}s" if several else kind, *bounds, *null])
    return " ".join(["list" if several else "any", *null])


def _argument(rule: str, parameter: inspect.Parameter) -> Data:
    """An argument as data: the rule's type and bounds, the signature's default."""
    default = parameter.default
    by_default = {bool: "boolean", int: "integer", float: "number", str: "text"}.get(type(default), "any")
    kind, *words = (rule or by_default).split()
    argument: Data = {"type": kind}
    if default is not parameter.empty and "required" not in words:
        argument["default"] = _plain_data(default)
    for word in words:
        bound = re.fullmatch(r"(>=|<=|>|<)(.+)", word)
        if bound:
            argument[{">=": "minimum", "<=": "maximum", ">": "above", "<": "below"}[bound[1]]] = json.loads(bound[2])
        elif word == "null" and default is not None:  # a default that is null says as much
            argument["nullable"] = True
        elif word not in ("null", "required"):
            argument["choices"] = word.split("|")
    return argument


def _plain_data(value: Any) -> Any:
    return [_plain_data(item) for item in value] if isinstance(value, tuple | list) else value


def main() -> None:
    Path(__file__).with_name("catalog.json").write_text(text(catalog()), encoding="utf-8")


if __name__ == "__main__":
    main()
