using System.Text;
using LowRank.Tensors;
using static TorchSharp.torch;

namespace LowRank.Transformers.Weights;

/// <summary>Copies a checkpoint's numbers into a module, strictly: all faults are found first, told at once.</summary>
public static class WeightLoader
{
    private const int Shown = 50;

    /// <summary>Fills a module's parameters and persistent buffers from a checkpoint.</summary>
    /// <remarks>
    /// Names, shapes and dtypes are compared before anything is copied, so a module is either filled or untouched.
    /// Floating-point numbers of another precision are converted to the module's own dtype and reported; nothing else
    /// is converted. Tensors are read one at a time.
    /// </remarks>
    /// <param name="module">The module, already on its device and in its dtype.</param>
    /// <param name="source">The checkpoint; stays the caller's.</param>
    /// <param name="rules">How names may differ; <see cref="CheckpointRules.Strict"/> when null.</param>
    /// <param name="newHead">
    /// Whether the parts in <see cref="CheckpointRules.NewParts"/> start anew even where the checkpoint holds them, as
    /// for other labels than the checkpoint was trained on.
    /// </param>
    /// <returns>What was done with each tensor.</returns>
    /// <exception cref="InvalidDataException">
    /// Missing, unexpected or ambiguous names, other shapes or dtypes: all of them in one message.
    /// </exception>
    public static LoadReport Load(
        nn.Module module, TensorSource source, CheckpointRules? rules = null, bool newHead = false)
    {
        Check.NotNull(module);
        Check.NotNull(source);
        var targets = module.state_dict();
        var plan = WeightPlan.Make(targets, source.Entries, rules ?? CheckpointRules.Strict, newHead);
        if (plan.Faults.Count > 0)
        {
            throw new InvalidDataException(Explain(source.Path, module.GetType().Name, plan));
        }

        CheckCopies(source, plan);
        var converted = new List<string>();
        using var frozen = no_grad();
        foreach (var (name, entry) in plan.Moves)
        {
            using var scope = NewDisposeScope();
            Tensor target = targets[name], numbers = source.Read(entry.Name);
            if (numbers.dtype != target.dtype)
            {
                converted.Add(name);
                numbers = numbers.to_type(target.dtype);
            }

            // The result is the target itself, which this scope must not dispose.
            _ = target.copy_(numbers);
        }

        return new()
        {
            Source = source.Path,
            Loaded = plan.Moves.Count,
            NewlyInitialised = plan.NewlyInitialised,
            Ignored = plan.Ignored,
            Renamed = [.. plan.Moves.Where(move => move.Key != move.Value.Name)
                .Select(move => KeyValuePair.Create(move.Value.Name, move.Key))],
            Converted = converted,
        };
    }

    private static void CheckCopies(TensorSource source, WeightPlan plan)
    {
        foreach (var (copy, original) in plan.Copies)
        {
            using var scope = NewDisposeScope();
            var entry = plan.Moves[original];
            var same = entry.Dtype == copy.Dtype && entry.Shape.SequenceEqual(copy.Shape)
                && source.Read(copy.Name).eq(source.Read(entry.Name)).all().ReadNumber<bool>();
            if (!same)
            {
                throw new InvalidDataException(
                    $"{source.Path}: tensor '{copy.Name}': got other numbers than in '{entry.Name}'; wanted the " +
                    "same, as this model uses one for both. Check the model's configuration (tie_word_embeddings).");
            }
        }
    }

    private static string Explain(string path, string module, WeightPlan plan)
    {
        var text = new StringBuilder($"{path}: the weights do not fit {module}:");
        foreach (var (kind, faults) in plan.Faults)
        {
            text.Append($"\n  {kind} ({faults.Count}):");
            foreach (var fault in faults.Take(Shown))
            {
                text.Append($"\n    {fault}");
            }

            if (faults.Count > Shown)
            {
                text.Append($"\n    and {faults.Count - Shown} more");
            }
        }

        return text.Append($"\n{Remedy(plan)}").ToString();
    }

    private static string Remedy(WeightPlan plan) =>
        plan.Moves.Count == 0
            ? "No name fits: this checkpoint is of another model type. Check config.json beside it."
            : plan.Faults.Keys.All(kind => kind == "shape")
                ? "Build the model from the checkpoint's own config.json, or start a new head for other labels."
                : "Build the model from the checkpoint's own config.json, or choose a checkpoint of this model type.";
}
