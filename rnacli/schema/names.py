"""What files call Keras' objects where that is not Keras' own name, and what they may not name, and why."""

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

ERRORS = {
    "mean_squared_error": ["mse"],
    "mean_absolute_error": ["mae"],
    "mean_absolute_percentage_error": ["mape"],
    "mean_squared_logarithmic_error": ["msle"],
    "binary_crossentropy": ["bce"],
    "kl_divergence": ["kld", "kullback_leibler_divergence"],
}
ALIASES: dict[str, dict[str, list[str]]] = {
    "loss": {**ERRORS, "huber": ["huber_loss"]},
    "metric": {
        **ERRORS,
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

PARTS_OF_NAMES = r"(?<=[a-z0-9])(ResNet|V\d|B\d|XLarge|Large|Base|Small|Tiny|Mobile|(?<=V2)[SML]$)"
"""What stands apart in the names of applications: ``MobileNetV3Small``, ``EfficientNetV2B0``."""

OWN: dict[str, dict[str, list[str]]] = {
    "activation": {"heaviside": ["step", "unit_step"], "sign": ["signum"]},
    "loss": {"perceptron": []},
}
"""What ``networks/step_activations.py`` makes of operations, and Keras has no object for; with its other names."""

ABSTRACT = "it is a base class, to be extended in Python"
NO_TARGET = "it does not return rows and their target"
WORD = "write binary_crossentropy, categorical_crossentropy or sparse_categorical_crossentropy"
REFUSED: dict[str, dict[str, str]] = {
    "layer": {
        "Lambda": "it would run code from the file; use the layers that Keras has",
        "TorchModuleWrapper FlaxLayer JaxLayer TFSMLayer": "it would load or run a foreign model, which can hold code",
        "Input InputLayer": "the shape of the input follows from the dataset; leave it out",
        "Layer Wrapper": ABSTRACT,
    },
    "optimizer": {
        "LossScaleOptimizer": "rna adds it by itself where the precision needs it",
        "MultiOptimizer OptimizerMap": "one optimizer trains the whole network",
        "Optimizer": ABSTRACT,
    },
    "schedule": {"LearningRateSchedule": ABSTRACT},
    "loss": {"Loss": ABSTRACT, "crossentropy ce": WORD},
    "metric": {
        "Mean Sum MeanMetricWrapper": "it does not compare predictions with the truth",
        "Metric": ABSTRACT,
        "crossentropy ce": WORD,
    },
    "initializer": {"Initializer": ABSTRACT},
    "regularizer": {"Regularizer": ABSTRACT},
    "constraint": {"Constraint": ABSTRACT},
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
        "Callback CallbackList": ABSTRACT,
    },
    "sklearn_dataset": {
        "load_files load_svmlight_file load_svmlight_files": "it reads files; save the data as a CSV and use csv:",
        "load_sample_image load_sample_images": NO_TARGET,
        "make_biclusters make_checkerboard make_low_rank_matrix make_spd_matrix": NO_TARGET,
        "make_sparse_coded_signal make_sparse_spd_matrix": NO_TARGET,
        "fetch_*": "it needs a download; load_* and make_* only; save it as a CSV and use csv:",
    },
}
