using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>Which checkpoint tensor goes where, decided by names, shapes and dtypes before a number is read.</summary>
internal sealed class WeightPlan
{
    private readonly CheckpointRules _rules;
    private readonly bool _newHead;
    private readonly IReadOnlyDictionary<string, Tensor> _targets;

    private WeightPlan(
        IReadOnlyDictionary<string, Tensor> targets,
        IReadOnlyList<TensorEntry> entries,
        CheckpointRules rules,
        bool newHead)
    {
        _targets = targets;
        _rules = rules;
        _newHead = newHead;

        // Copies come last, when it is known whether their original is there too.
        foreach (var entry in entries.OrderBy(entry => IsCopy(entry.Name)))
        {
            Place(entry);
        }

        FindMissing();
    }

    /// <summary>The checkpoint's tensor for each of the module's.</summary>
    public Dictionary<string, TensorEntry> Moves { get; } = new(StringComparer.Ordinal);

    /// <summary>Copies that must equal their originals: the copy, and the module's tensor it repeats.</summary>
    public List<(TensorEntry Copy, string Original)> Copies { get; } = [];

    /// <summary>The module's tensors that stay as they are.</summary>
    public List<string> NewlyInitialised { get; } = [];

    /// <summary>Checkpoint tensors left out by the rules.</summary>
    public List<string> Ignored { get; } = [];

    /// <summary>Everything that does not fit, by kind, each with its sentence.</summary>
    public SortedDictionary<string, List<string>> Faults { get; } = new(StringComparer.Ordinal);

    /// <summary>Compares a checkpoint with a module.</summary>
    public static WeightPlan Make(
        IReadOnlyDictionary<string, Tensor> targets,
        IReadOnlyList<TensorEntry> entries,
        CheckpointRules rules,
        bool newHead) => new(targets, entries, rules, newHead);

    private bool IsCopy(string name) => _rules.Copies.Any(pair => pair.Key == name);

    private void Place(TensorEntry entry)
    {
        var name = Modern(entry.Name);
        var copied = _rules.Copies.FirstOrDefault(pair => pair.Key == name).Value;
        if (Target(name) is { } target)
        {
            if (_newHead && CheckpointRules.Fitting(_rules.NewParts, target) is not null)
            {
                Ignored.Add(entry.Name);
            }
            else
            {
                Move(entry, target);
            }
        }
        else if (copied is not null && Target(copied) is { } original)
        {
            if (Moves.ContainsKey(original))
            {
                Copies.Add((entry, original));
            }
            else
            {
                Move(entry, original);
            }
        }
        else if (CheckpointRules.Fitting(_rules.Ignorable, name) is not null)
        {
            Ignored.Add(entry.Name);
        }
        else
        {
            Fault("unexpected", $"'{entry.Name}' {Describe(entry)}");
        }
    }

    private void Move(TensorEntry entry, string target)
    {
        if (!Moves.TryAdd(target, entry))
        {
            Fault("ambiguous", $"'{target}': got both '{Moves[target].Name}' and '{entry.Name}'; wanted one of them");
            return;
        }

        var tensor = _targets[target];
        if (!entry.Shape.SequenceEqual(tensor.shape))
        {
            var wanted = TensorEntry.Describe(tensor.shape);
            Fault("shape", $"'{target}': got {entry.ShapeText}; wanted {wanted}");
        }

        var dtype = tensor.dtype.ToDtype();
        if (entry.Dtype != dtype && !(entry.Dtype.IsFloatingPoint() && dtype.IsFloatingPoint()))
        {
            Fault("dtype", $"'{target}': got {entry.Dtype.FileName()}; wanted {dtype.FileName()}");
        }
    }

    private void FindMissing()
    {
        var missing = _targets.Keys.Where(name => !Moves.ContainsKey(name)).ToArray();
        foreach (var name in missing)
        {
            // A head is new as a whole or not at all: half of one is a damaged checkpoint.
            var part = CheckpointRules.Fitting(_rules.NewParts, name);
            var whole = part is not null
                && !Moves.Keys.Any(moved => CheckpointRules.Fitting([part], moved) is not null);
            if (whole)
            {
                NewlyInitialised.Add(name);
            }
            else
            {
                var tensor = _targets[name];
                Fault("missing", $"'{name}' {tensor.dtype.ToDtype().FileName()} {TensorEntry.Describe(tensor.shape)}");
            }
        }
    }

    private string Modern(string name)
    {
        foreach (var (old, now) in _rules.Endings)
        {
            if (name.EndsWith(old, StringComparison.Ordinal))
            {
                return name[..^old.Length] + now;
            }
        }

        return name;
    }

    private string? Target(string name)
    {
        if (_targets.ContainsKey(name) || _rules.Prefix.Length == 0)
        {
            return _targets.ContainsKey(name) ? name : null;
        }

        var prefix = _rules.Prefix + ".";
        var other = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : prefix + name;
        return _targets.ContainsKey(other) ? other : null;
    }

    private void Fault(string kind, string sentence)
    {
        if (!Faults.TryGetValue(kind, out var list))
        {
            Faults.Add(kind, list = []);
        }

        list.Add(sentence);
    }

    private static string Describe(TensorEntry entry) => $"{entry.Dtype.FileName()} {entry.ShapeText}";
}
