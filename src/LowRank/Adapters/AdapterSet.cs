using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>
/// The adapters of one model: attached as observers of its layers, which stay as they are and never know.
/// </summary>
/// <remarks>
/// Attaching freezes the model, except for the heads that are trained in full, and adds each adapter's output by a
/// forward hook. Nothing in the model's tree changes: its parameter names stay the checkpoint's, and
/// <see cref="Detach"/> is exact. Predicting with one set from many threads is safe; attaching, merging, enabling and
/// training are for one thread at a time. Several sets on one model add up, and must come off in the reverse order;
/// <see cref="NamedAdapters"/> switches between them, in any order.
/// </remarks>
public sealed class AdapterSet : IDisposable
{
    private readonly List<IDisposable> _hooks = [];
    private readonly Dictionary<string, Tensor> _originals = [];
    private readonly List<Parameter> _frozen;
    private readonly List<TrainedParameter> _inFull;
    private readonly AdapterNoise _noise = new();
    private bool _enabled = true;
    private bool _attached = true;

    private AdapterSet(
        nn.Module model,
        AdapterOptions options,
        IReadOnlyList<Adapter> adapters,
        IReadOnlyList<string> headPaths,
        IEnumerable<string> others)
    {
        Model = model;
        Options = options;
        Adapters = adapters;
        HeadPaths = headPaths;
        _inFull = TrainedParameter.Of(model, headPaths, others);
        _frozen = [.. model.parameters().Where(parameter => parameter.requires_grad)];
        Freeze();
        foreach (var adapter in adapters)
        {
            adapter.Noise = _noise;
            _hooks.Add(new Hook(adapter.Layer.Module, (input, output) => TakesPart ? adapter.AddTo(output, input) : output));
            foreach (var projection in adapter.Layer.ProjectionsIn(model))
            {
                _hooks.Add(new Hook(projection, (input, output) => TakesPart ? adapter.AddToScores(output, input) : output));
            }
        }
    }

    /// <summary>The model the adapters observe; not owned.</summary>
    public nn.Module Model { get; }

    /// <summary>The options all adapters were made with.</summary>
    public AdapterOptions Options { get; }

    /// <summary>The adapters, in the model's order.</summary>
    public IReadOnlyList<Adapter> Adapters { get; }

    /// <summary>Layers that <c>all-linear</c> or <c>all-dense</c> met but that are smaller than the rank.</summary>
    public IReadOnlyList<AdaptedLayer> PassedOver { get; private init; } = [];

    /// <summary>Names of parameters outside the heads that are trained in full: biases, or the whole model.</summary>
    public IReadOnlyList<string> TrainedInFull =>
        [.. _inFull.Where(parameter => !parameter.IsHead).Select(parameter => parameter.Path)];

    /// <summary>Module paths of the heads that are trained in full (PEFT's <c>modules_to_save</c>).</summary>
    public IReadOnlyList<string> HeadPaths { get; }

    /// <summary>True while the adapters' updates sit in the model's weights.</summary>
    public bool IsMerged { get; private set; }

    /// <summary>
    /// Whether the adapters and what is trained in full take part; false gives the base model's own output.
    /// </summary>
    /// <remarks>
    /// Disabled, nothing of the set requires gradients. Changing it drops the gradients of what is trained in full: they
    /// belong to values that the model no longer has.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Set while merged.</exception>
    public bool Enabled
    {
        get => _enabled;
        set
        {
            RequireAttached();
            Require(!IsMerged, "the adapters are merged; unmerge first.");
            if (_enabled == value)
            {
                return;
            }

            if (value)
            {
                Owner?.DisableAll();
            }

            _enabled = value;
            _inFull.ForEach(parameter => parameter.Swap());
            foreach (var parameter in Trained())
            {
                parameter.Value.requires_grad = value;
            }
        }
    }

    // Keeps at most one of its sets enabled, and must know when one is gone.
    internal NamedAdapters? Owner { get; set; }

    internal IReadOnlyList<TrainedParameter> InFull => _inFull;

    /// <summary>Builds adapters on the chosen layers of a model, attaches them and freezes the rest.</summary>
    /// <param name="model">The model, already on its device and in its type.</param>
    /// <param name="options">
    /// The kind of adapter and its options; <see cref="HeadOnlyOptions"/> and <see cref="FullOptions"/> for none.
    /// </param>
    /// <param name="targets">Which layers; not looked at where there is no adapter.</param>
    /// <param name="seed">The random start; each layer has a stream of its own.</param>
    /// <param name="heads">
    /// Names or paths of modules to train in full, such as <c>classifier</c>; none when null.
    /// </param>
    /// <param name="firstLosses">
    /// The compressed form's first look at the data: each computes the loss of a batch, called once. Null for other
    /// forms.
    /// </param>
    /// <returns>The attached set; dispose it to detach and free the adapters.</returns>
    /// <exception cref="ArgumentException">
    /// Nothing matched, nothing is trained, a head does not exist, the rank is too large for a layer, or an option is
    /// out of range.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">The adapters would not fit in memory (the wide form).</exception>
    public static AdapterSet Attach(
        nn.Module model,
        AdapterOptions options,
        TargetSelector targets,
        Seed seed,
        IReadOnlyList<string>? heads = null,
        IReadOnlyList<Func<Tensor>>? firstLosses = null)
    {
        Check.NotNull(model);
        Check.NotNull(targets);
        var headPaths = TrainedParameter.Find(model, heads ?? []);
        Check.That(
            options is not HeadOnlyOptions || headPaths.Count > 0,
            nameof(heads),
            "heads: got none, and the method head-only trains nothing else; wanted a head such as classifier.");
        return Check.NotNull(options) is FactorOptions factors
            ? Attach(model, factors, targets.Select(model, headPaths), targets.Everything, seed, headPaths, firstLosses)
            : new(model, options, [], headPaths, options is FullOptions ? AllOf(model) : []);
    }

    // Attaches adapters made elsewhere (read from a file).
    internal static AdapterSet Attach(
        nn.Module model,
        AdapterOptions options,
        IReadOnlyList<Adapter> adapters,
        IReadOnlyList<string> headPaths,
        IReadOnlyList<string>? others = null) => new(model, options, adapters, headPaths, others ?? []);

    /// <summary>Everything that is trained: the adapters' factors, then the heads' parameters.</summary>
    /// <returns>Full names, parameters and rate ratios, in a fixed order; frozen outer factors are left out.</returns>
    public IReadOnlyList<AdapterParameter> Trained() =>
        [.. Saved().Where(parameter => parameter.RateRatio > 0)];

    /// <summary>
    /// Everything that must be kept to restore the set: as <see cref="Trained"/>, frozen factors included.
    /// </summary>
    /// <returns>Full names, parameters and rate ratios, in a fixed order.</returns>
    public IReadOnlyList<AdapterParameter> Saved() =>
    [
        .. Adapters.SelectMany(adapter => adapter.NamedFactors()),
        .. _inFull.Select(entry => new AdapterParameter(entry.Path, entry.Parameter, entry.Learns ? 1 : 0, entry.IsHead)),
    ];

    /// <summary>Keeps the heads as they are: part of the set and of its files, but not trained.</summary>
    public void FreezeHeads()
    {
        foreach (var head in _inFull.Where(parameter => parameter.IsHead))
        {
            (head.Learns, head.Parameter.requires_grad) = (false, false);
        }
    }

    /// <summary>Counts what is trained and what there is, as PEFT prints it.</summary>
    /// <returns>The counts.</returns>
    public ParameterCount CountParameters()
    {
        var trained = Trained().Sum(parameter => parameter.Value.numel());
        var adapters = Adapters.SelectMany(adapter => adapter.Factors).Sum(factor => factor.Value.numel());
        return new ParameterCount(trained, Model.parameters().Sum(parameter => parameter.numel()) + adapters);
    }

    /// <summary>
    /// Starts the randomness of a training step: the adapters' dropout then depends on this seed and the layer alone.
    /// </summary>
    /// <param name="seed">The step's seed.</param>
    public void BeginStep(Seed seed) => _noise.Step = seed.For("adapter-dropout");

    /// <summary>Adds every update to its layer's weight, so that the model alone gives the same output.</summary>
    /// <param name="safe">
    /// True (the default) to refuse updates with a NaN or infinite number before touching anything.
    /// </param>
    /// <param name="reversible">
    /// True (the default) to keep a copy of every adapted weight for <see cref="Unmerge"/>; false to save that memory.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// Already merged, or disabled, or (safe) an update is not finite.
    /// </exception>
    public void Merge(bool safe = true, bool reversible = true)
    {
        RequireAttached();
        Require(!IsMerged, "the adapters are already merged.");
        Require(_enabled, "the adapters are disabled; enable them first.");
        if (safe)
        {
            RequireFinite();
        }

        using var gradients = no_grad();
        foreach (var adapter in Adapters)
        {
            using var scope = NewDisposeScope();
            var weight = adapter.Layer.Weight;
            if (reversible)
            {
                _originals[adapter.Layer.Path] = weight.detach().clone().DetachFromDisposeScope();
            }

            weight.add_(adapter.Delta().to(weight.dtype));
        }

        IsMerged = true;
    }

    /// <summary>Gives every layer back the very weight it had before the merge.</summary>
    /// <exception cref="InvalidOperationException">Not merged, or merged without keeping the originals.</exception>
    public void Unmerge()
    {
        RequireAttached();
        Require(IsMerged, "the adapters are not merged.");
        Require(_originals.Count == Adapters.Count, "the merge was not reversible: the original weights were not kept.");
        using var gradients = no_grad();
        foreach (var adapter in Adapters)
        {
            using var original = _originals[adapter.Layer.Path];
            adapter.Layer.Weight.copy_(original);
        }

        _originals.Clear();
        IsMerged = false;
    }

    /// <summary>
    /// Takes the adapters off. The model is exactly what it was before, its head included; after a merge it keeps the
    /// merged weights and the trained head instead.
    /// </summary>
    public void Detach()
    {
        if (!_attached)
        {
            return;
        }

        // A disabled set has given back its values and flags already; another may use the parameters now.
        if (IsMerged)
        {
            _inFull.ForEach(parameter => parameter.Parameter.requires_grad = false);
        }
        else
        {
            Enabled = false;
        }

        _attached = false;
        _hooks.ForEach(hook => hook.Dispose());
        _hooks.Clear();
        _frozen.ForEach(parameter => parameter.requires_grad = true);
        Owner?.Forget(this);
    }

    /// <summary>Detaches and frees the adapters; the model stays.</summary>
    public void Dispose()
    {
        Detach();
        _originals.Values.ToList().ForEach(original => original.Dispose());
        _originals.Clear();
        _inFull.ForEach(parameter => parameter.Dispose());
        foreach (var adapter in Adapters)
        {
            adapter.Dispose();
        }

        _noise.Dispose();
    }

    private static AdapterSet Attach(
        nn.Module model,
        FactorOptions options,
        IReadOnlyList<AdaptedLayer> chosen,
        bool everything,
        Seed seed,
        IReadOnlyList<string> headPaths,
        IReadOnlyList<Func<Tensor>>? firstLosses)
    {
        // Who names a layer means it; who takes everything means everything that can carry the rank.
        var large = chosen.Where(layer => layer.Smaller >= options.LeastSide).ToList();
        var layers = everything && large.Count > 0 ? large : chosen;
        options.Validate(layers);
        MemoryEstimate.Of(options, layers).RequireFits();
        var starts = options is DeepLoraOptions { Form: DeepLoraForm.Compressed } deep
            ? GradientCompression.Find(model, layers, deep.Rank, seed, firstLosses ?? [])
            : [];
        try
        {
            var adapters = layers
                .Select(layer => options.Create(layer, seed.For(layer.Path), starts.GetValueOrDefault(layer.Path)))
                .ToList();
            return new AdapterSet(model, options, adapters, headPaths, [])
            {
                PassedOver = [.. chosen.Except(layers)],
            };
        }
        finally
        {
            starts.Values.ToList().ForEach(start => start.Dispose());
        }
    }

    private static IEnumerable<string> AllOf(nn.Module model) => model.named_parameters().Select(entry => entry.name);

    private bool TakesPart => _enabled && !IsMerged;

    private void Freeze()
    {
        _frozen.ForEach(parameter => parameter.requires_grad = false);
        _inFull.ForEach(parameter => parameter.Parameter.requires_grad = true);
    }

    private void RequireFinite()
    {
        foreach (var adapter in Adapters)
        {
            using var scope = NewDisposeScope();
            Require(
                adapter.Delta().isfinite().all().ReadNumber<bool>(),
                $"{adapter.Layer.Path}: the update has a NaN or infinite number; nothing was merged.");
        }
    }

    private void RequireAttached() => ObjectDisposedException.ThrowIf(!_attached, this);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidOperationException(message);
        }
    }
}
