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
/// training are for one thread at a time.
/// </remarks>
public sealed class AdapterSet : IDisposable
{
    private readonly List<IDisposable> _hooks = [];
    private readonly Dictionary<string, Tensor> _originals = [];
    private readonly List<Parameter> _frozen;
    private readonly List<TrainedHead> _heads;
    private readonly Generator _noise;
    private bool _enabled = true;
    private bool _attached = true;

    private AdapterSet(
        nn.Module model,
        AdapterOptions options,
        IReadOnlyList<Adapter> adapters,
        List<TrainedHead> heads,
        IReadOnlyList<string> headPaths)
    {
        Model = model;
        Options = options;
        Adapters = adapters;
        HeadPaths = headPaths;
        _heads = heads;
        _frozen = [.. model.parameters().Where(parameter => parameter.requires_grad)];
        _noise = new Seed(0).Generator(model.parameters().First().device);
        Freeze();
        foreach (var adapter in adapters)
        {
            adapter.Noise = _noise;
            _hooks.Add(new Hook(adapter.Layer.Module, (input, output) => Run(adapter, input, output)));
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

    /// <summary>Module paths of the heads that are trained in full (PEFT's <c>modules_to_save</c>).</summary>
    public IReadOnlyList<string> HeadPaths { get; }

    /// <summary>True while the adapters' updates sit in the model's weights.</summary>
    public bool IsMerged { get; private set; }

    /// <summary>
    /// Whether the adapters and the trained heads take part; false gives the base model's own output.
    /// </summary>
    /// <exception cref="InvalidOperationException">Set while merged.</exception>
    public bool Enabled
    {
        get => _enabled;
        set
        {
            RequireAttached();
            Require(!IsMerged, "the adapters are merged; unmerge first.");
            if (_enabled != value)
            {
                _enabled = value;
                _heads.ForEach(head => head.Swap());
            }
        }
    }

    /// <summary>Builds adapters on the chosen layers of a model, attaches them and freezes the rest.</summary>
    /// <param name="model">The model, already on its device and in its type.</param>
    /// <param name="options">The kind of adapter and its options.</param>
    /// <param name="targets">Which layers.</param>
    /// <param name="seed">The random start; each layer has a stream of its own.</param>
    /// <param name="heads">
    /// Names or paths of modules to train in full, such as <c>classifier</c>; none when null.
    /// </param>
    /// <param name="firstLoss">
    /// The compressed form's first look at the data: computes the loss of a batch, called once. Null for other forms.
    /// </param>
    /// <returns>The attached set; dispose it to detach and free the adapters.</returns>
    /// <exception cref="ArgumentException">
    /// Nothing matched, a head does not exist, the rank is too large for a layer, or an option is out of range.
    /// </exception>
    /// <exception cref="InsufficientMemoryException">The adapters would not fit in memory (the wide form).</exception>
    public static AdapterSet Attach(
        nn.Module model,
        AdapterOptions options,
        TargetSelector targets,
        Seed seed,
        IReadOnlyList<string>? heads = null,
        Func<Tensor>? firstLoss = null)
    {
        Check.NotNull(model);
        Check.NotNull(options);
        var headPaths = TrainedHead.Find(model, heads ?? []);
        var chosen = Check.NotNull(targets).Select(model, headPaths);
        var large = chosen.Where(layer => layer.Smaller >= options.LeastSide).ToList();

        // Who names a layer means it; who takes everything means everything that can carry the rank.
        var layers = targets.Everything && large.Count > 0 ? large : chosen;
        options.Validate(layers);
        MemoryEstimate.Of(options, layers).RequireFits();
        var starts = options is DeepLoraOptions { Form: DeepLoraForm.Compressed } deep
            ? GradientCompression.Find(model, layers, deep.Rank, seed, firstLoss is null ? [] : [firstLoss])
            : [];
        try
        {
            var adapters = layers
                .Select(layer => options.Create(layer, seed.For(layer.Path), starts.GetValueOrDefault(layer.Path)))
                .ToList();
            return new AdapterSet(model, options, adapters, TrainedHead.Of(model, headPaths), headPaths)
            {
                PassedOver = [.. chosen.Except(layers)],
            };
        }
        finally
        {
            starts.Values.ToList().ForEach(start => start.Dispose());
        }
    }

    /// <summary>A set without adapters that trains every parameter of a model.</summary>
    /// <param name="model">The model, already on its device and in its type.</param>
    /// <returns>The set; disposing it gives the model back the numbers it had.</returns>
    public static AdapterSet Full(nn.Module model)
    {
        var parts = Check.NotNull(model).named_children().Select(child => child.name).ToList();
        return new AdapterSet(model, new FullOptions(), [], TrainedHead.Of(model, parts), parts);
    }

    // Attaches adapters made elsewhere (read from a file).
    internal static AdapterSet Attach(
        nn.Module model, AdapterOptions options, IReadOnlyList<Adapter> adapters, IReadOnlyList<string> headPaths) =>
        new(model, options, adapters, TrainedHead.Of(model, headPaths), headPaths);

    /// <summary>Everything that is trained: the adapters' factors, then the heads' parameters.</summary>
    /// <returns>Full names, parameters and rate ratios, in a fixed order; frozen outer factors are left out.</returns>
    public IReadOnlyList<AdapterParameter> Trained() =>
        [.. Saved().Where(parameter => parameter.Value.requires_grad)];

    /// <summary>
    /// Everything that must be kept to restore the set: as <see cref="Trained"/>, frozen factors included.
    /// </summary>
    /// <returns>Full names, parameters and rate ratios, in a fixed order.</returns>
    public IReadOnlyList<AdapterParameter> Saved() =>
    [
        .. Adapters.SelectMany(adapter => adapter.NamedFactors()),
        .. _heads.Select(head => new AdapterParameter(head.Path, head.Parameter, 1, IsHead: true)),
    ];

    /// <summary>Counts what is trained and what there is, as PEFT prints it.</summary>
    /// <returns>The counts.</returns>
    public ParameterCount CountParameters()
    {
        var trained = Trained().Sum(parameter => parameter.Value.numel());
        var adapters = Adapters.SelectMany(adapter => adapter.Factors).Sum(factor => factor.Value.numel());
        return new ParameterCount(trained, Model.parameters().Sum(parameter => parameter.numel()) + adapters);
    }

    /// <summary>
    /// Starts the random stream of a training step: the adapters' dropout then depends on nothing else.
    /// </summary>
    /// <param name="seed">The step's seed.</param>
    public void BeginStep(Seed seed) => _noise.manual_seed((long)(seed.For("adapter-dropout").Value >> 1));

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
        Require(_originals.Count > 0, "the merge was not reversible: the original weights were not kept.");
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

        if (!IsMerged && _enabled)
        {
            _heads.ForEach(head => head.Swap());
        }

        _attached = false;
        _hooks.ForEach(hook => hook.Dispose());
        _hooks.Clear();
        _heads.ForEach(head => head.Parameter.requires_grad = false);
        _frozen.ForEach(parameter => parameter.requires_grad = true);
    }

    /// <summary>Detaches and frees the adapters; the model stays.</summary>
    public void Dispose()
    {
        Detach();
        _originals.Values.ToList().ForEach(original => original.Dispose());
        _originals.Clear();
        _heads.ForEach(head => head.Dispose());
        foreach (var adapter in Adapters)
        {
            adapter.Dispose();
        }

        _noise.Dispose();
    }

    private Tensor Run(Adapter adapter, Tensor input, Tensor output) =>
        _enabled && !IsMerged ? adapter.AddTo(output, input) : output;

    private void Freeze()
    {
        _frozen.ForEach(parameter => parameter.requires_grad = false);
        _heads.ForEach(head => head.Parameter.requires_grad = true);
    }

    private void RequireFinite()
    {
        foreach (var adapter in Adapters)
        {
            using var scope = NewDisposeScope();
            Require(
                adapter.Delta().isfinite().all().item<bool>(),
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
