"""What arguments of Keras and scikit-learn may be: the table of their types and bounds.

Each rule was read in the source of the class that it is for, since a wrong one would refuse a good file.
"""

import fnmatch
from typing import Any

RULES = """
# Not for a file: arrays, quantization, where Keras keeps its data, the form in which scikit-learn returns them, and
# what a layer takes and then rejects, or forgets without a word.
drop: weights quantization_config gptq_unpacked_column_size path test_split keras_dataset.*.seed
drop: sklearn_dataset.*.return_* sklearn_dataset.*.sparse sklearn_dataset.*.as_frame sklearn_dataset.*.coef
drop: layer.ActivityRegularization.activity_regularizer layer.*Lookup.activity_regularizer
drop: layer.HashedCrossing.activity_regularizer layer.HashedCrossing.trainable layer.*Lookup.trainable
drop: layer.SimpleRNN.activity_regularizer
# The shape follows from the data, and the preprocessing is always within an application.
drop: input_tensor application.*.input_shape include_preprocessing
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
integer >=1 optional: layer.Embedding.input_dim layer.ReversibleEmbedding.input_dim
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

# Applications
text null: application.*.weights
text avg|max null: pooling
number >0: application.*.alpha
number >=0 <=1: dropout_rate
integer >=1: classes
activation null: classifier_activation

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
list: exclude_layers
integer_list >=0: boundaries
number_list >=0: values

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
list: metric.AUC.thresholds label_weights
integer_list >=0: target_class_ids
integer >=0: class_id num_regressors
integer >=1 <=100000: num_thresholds
integer >=1: num_labels num_classes top_k k
integer >=2 <=100000: metric.AUC.num_thresholds
text sum_over_batch_size|sum|mean|mean_with_sample_weight|none null: reduction
text ROC|PR|PRGAIN|roc|pr|prgain: curve
text interpolation|minoring|majoring: summation_method
text micro|macro|weighted: average
text uniform_average|variance_weighted_average null: class_aggregation

# Initializers, regularizers, constraints
array: initializer.Constant.value
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
integer >=1: num_words maxlen
integer >=0: skip_top index_from
integer >=0 null: start_char oov_char
text large|small: version
"""
"""A line for each kind of argument: type, bounds, choices, null where Keras allows it; then the arguments' names.

``optional``: Keras wants it, and a file may leave it to the data.

``category.Class.argument`` goes before a bare name, and the longer pattern before the shorter one. An argument
without a rule has its default's type, or any; scikit-learn's have what its own validators check.
"""


def read_rules(table: str) -> dict[str, str]:
    """Pattern -> rule."""
    lines = [line.partition(": ") for line in table.splitlines() if line and not line.startswith("#")]
    return {pattern: rule for rule, _, patterns in lines for pattern in patterns.split()}


BY_PATTERN = read_rules(RULES)


def find_rule(path: str, name: str) -> str:
    """The rule for ``category.Class.argument`` or, unless it is empty, the bare name; an empty text: there is none."""
    fitting = [pattern for pattern in BY_PATTERN if fnmatch.fnmatchcase(path if "." in pattern else name, pattern)]
    return BY_PATTERN[max(fitting, key=lambda pattern: ("." in pattern, len(pattern)))] if fitting else ""


def sklearn_rule(checks: list[Any]) -> str:
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
