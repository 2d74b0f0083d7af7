using LowRank.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LowRank.Adapters;

/// <summary>Several adapters on one model, by name: one of them takes part at a time, or none.</summary>
/// <remarks>
/// Each is an <see cref="AdapterSet"/> with heads of its own. While the collection lives it decides which parameters
/// require gradients: those of the active adapter and no others. Enabling a set here disables the one before, and
/// disposing a set here removes it, so a trainer may be handed any of them. Switching copies the heads, nothing larger.
/// Not thread-safe: what is active is a state of the model.
/// </remarks>
public sealed class NamedAdapters : IDisposable
{
    private readonly OrderedDictionary<string, AdapterSet> _sets = new(StringComparer.Ordinal);
    private readonly List<Parameter> _frozen;
    private bool _disposed;

    /// <summary>Takes charge of a model: freezes it until disposed.</summary>
    /// <param name="model">The model, without adapters, on its device and in its type; not owned.</param>
    public NamedAdapters(nn.Module model)
    {
        Model = Check.NotNull(model);
        _frozen = [.. model.parameters().Where(parameter => parameter.requires_grad)];
        _frozen.ForEach(parameter => parameter.requires_grad = false);
    }

    /// <summary>The model; not owned.</summary>
    public nn.Module Model { get; }

    /// <summary>The names, in the order of adding. Upper and lower case differ.</summary>
    public IReadOnlyList<string> Names => [.. _sets.Keys];

    /// <summary>The adapter that takes part; null for the base model alone, as in the beginning.</summary>
    /// <exception cref="ArgumentException">Set to a name that does not exist; nothing has changed.</exception>
    /// <exception cref="InvalidOperationException">Set while the active adapter is merged.</exception>
    public string? Active
    {
        get => _sets.FirstOrDefault(entry => entry.Value.Enabled).Key;
        set
        {
            var next = value is null ? null : this[value];
            if (next is null)
            {
                DisableAll();
            }
            else if (!next.Enabled)
            {
                next.Enabled = true;
            }
        }
    }

    /// <summary>The set of adapters with a name; owned by this collection.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public AdapterSet this[string name] => _sets.TryGetValue(Check.NotNull(name), out var set)
        ? set
        : throw new ArgumentException(
            $"name: got {name}; wanted one of: {(_sets.Count == 0 ? "(none was added)" : string.Join(", ", _sets.Keys))}.",
            nameof(name));

    /// <summary>Adds new adapters, not active; what is active stays so.</summary>
    /// <param name="name">A name that is free.</param>
    /// <param name="options">As for <c>AdapterSet.Attach</c>.</param>
    /// <param name="targets">Which layers.</param>
    /// <param name="seed">The random start.</param>
    /// <param name="heads">Modules to train in full; this adapter has its own values of them.</param>
    /// <param name="firstLosses">The compressed form's first look at the data, through the base model.</param>
    /// <returns>The new set; owned by this collection.</returns>
    /// <exception cref="ArgumentException">
    /// The name is taken, or as for <c>AdapterSet.Attach</c>.
    /// </exception>
    /// <exception cref="InvalidOperationException">An adapter is merged into the model.</exception>
    public AdapterSet Add(
        string name,
        AdapterOptions options,
        TargetSelector targets,
        Seed seed,
        IReadOnlyList<string>? heads = null,
        IReadOnlyList<Func<Tensor>>? firstLosses = null) =>
        Add(name, () => AdapterSet.Attach(Model, options, targets, seed, heads, firstLosses));

    /// <summary>Adds the adapters of a folder in PEFT's format, not active; what is active stays so.</summary>
    /// <param name="name">A name that is free.</param>
    /// <param name="folder">As for <see cref="PeftFolder.Read"/>.</param>
    /// <returns>The new set; owned by this collection.</returns>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    /// <exception cref="InvalidOperationException">An adapter is merged into the model.</exception>
    /// <exception cref="FileNotFoundException">A file of the folder is missing.</exception>
    /// <exception cref="InvalidDataException">The folder does not fit the model.</exception>
    public AdapterSet Read(string name, string folder) => Add(name, () => PeftFolder.Read(folder, Model));

    /// <summary>Adds the weighted sum of adapters as plain LoRA, not active; what is active stays so.</summary>
    /// <remarks>
    /// Heads become the average of their values, with weights scaled to sum to 1; a bias that is trained outside the heads
    /// changes by the weighted sum of its changes. A layer that one of the adapters leaves alone counts as unchanged by it.
    /// </remarks>
    /// <param name="name">A name that is free.</param>
    /// <param name="weights">The adapters and their weights, which may be negative.</param>
    /// <param name="combination">How the updates are summed.</param>
    /// <param name="rank">
    /// The rank of <see cref="AdapterCombination.Svd"/>, at least 1; null for the largest of the adapters' own.
    /// </param>
    /// <returns>The new set; owned by this collection.</returns>
    /// <exception cref="ArgumentException">
    /// The name is taken; a name does not exist; an adapter is of a kind that does not add up (DoRA, full fine-tuning); the
    /// adapters have different heads; the ranks differ (linear); the weights of heads sum to 0; a number is out of range.
    /// </exception>
    /// <exception cref="InvalidOperationException">An adapter is merged into the model.</exception>
    public AdapterSet Combine(
        string name,
        IReadOnlyDictionary<string, double> weights,
        AdapterCombination combination = AdapterCombination.Cat,
        int? rank = null)
    {
        var parts = Check.NotNull(weights).Select(entry => new WeightedSet(entry.Key, this[entry.Key], entry.Value));
        var sum = new WeightedSum([.. parts], combination, rank);
        return Add(name, () => sum.Attach(Model));
    }

    /// <summary>Writes an adapter and its heads in PEFT's format, active or not.</summary>
    /// <param name="name">The adapter's name.</param>
    /// <param name="folder">As for <see cref="PeftFolder.Write"/>.</param>
    /// <param name="options">As for <see cref="PeftFolder.Write"/>.</param>
    /// <exception cref="ArgumentException">There is none of this name, or an option is out of range.</exception>
    /// <exception cref="InvalidOperationException">
    /// An adapter is merged into the model, or as for <see cref="PeftFolder.Write"/>.
    /// </exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void Write(string name, string folder, PeftOptions? options = null)
    {
        var set = this[name];
        var active = Active;
        Active = name;
        try
        {
            PeftFolder.Write(folder, set, options);
        }
        finally
        {
            Active = active;
        }
    }

    /// <summary>Removes an adapter and frees it. Where it was the active one, the base model is left.</summary>
    /// <param name="name">The adapter's name.</param>
    /// <exception cref="ArgumentException">There is none of this name.</exception>
    /// <exception cref="InvalidOperationException">It is merged into the model.</exception>
    public void Remove(string name)
    {
        var set = this[name];
        set.Enabled = false; // refuses while merged
        set.Dispose();
    }

    /// <summary>
    /// Removes all adapters. The model is exactly what it was before: weights, heads, and which parameters require
    /// gradients. Only what is merged by then stays in it.
    /// </summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (var set in _sets.Values.ToList())
        {
            set.Dispose();
        }

        _frozen.ForEach(parameter => parameter.requires_grad = true);
    }

    internal void DisableAll()
    {
        foreach (var set in _sets.Values.Where(set => set.Enabled))
        {
            set.Enabled = false;
        }
    }

    internal void Forget(AdapterSet set) => _sets.Remove(_sets.First(entry => ReferenceEquals(entry.Value, set)).Key);

    // Every set begins at the base model: nothing of another may be in its originals or in its first look at the data.
    private AdapterSet Add(string name, Func<AdapterSet> attach)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Check.NotBlank(name);
        Check.That(!_sets.ContainsKey(name), nameof(name), $"name: got {name}, which is taken; remove it first.");
        var active = Active;
        Active = null;
        try
        {
            var set = attach();
            set.Enabled = false;
            set.Owner = this;
            _sets.Add(name, set);
            return set;
        }
        finally
        {
            Active = active;
        }
    }
}
