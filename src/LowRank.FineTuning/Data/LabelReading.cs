using System.Globalization;

namespace LowRank.FineTuning.Data;

/// <summary>Decides what the labels of a file are, and reads them.</summary>
internal sealed class LabelReading
{
    private readonly string _source;
    private readonly string _unit;
    private readonly IReadOnlyList<(long Line, string Label)> _rows;

    private LabelReading(string source, string unit, IReadOnlyList<(long Line, string Label)> rows)
    {
        _source = source;
        _unit = unit;
        _rows = rows;
    }

    /// <summary>The labels as a model's targets.</summary>
    /// <param name="Kind">Classes or numbers.</param>
    /// <param name="Labels">The classes; null for numbers.</param>
    /// <param name="Targets">The class index or the number of each row.</param>
    /// <param name="Notes">Remarks for the report.</param>
    public sealed record Result(
        LabelKind Kind, ClassLabels? Labels, IReadOnlyList<double> Targets, IReadOnlyList<string> Notes)
    {
        /// <summary>The texts to be written; null unless labels are texts.</summary>
        public IReadOnlyList<string>? Texts { get; init; }

        /// <summary>Examples with these labels.</summary>
        public IReadOnlyList<Example> Label(IReadOnlyList<Example> examples) => Texts is not null
            ? [.. examples.Zip(Texts, (example, text) => example with { TargetText = text })]
            : [.. examples.Zip(Targets, (example, target) => example with { Target = target })];
    }

    /// <summary>Reads labels.</summary>
    /// <param name="source">The file, for messages.</param>
    /// <param name="unit">What the numbers of rows count: lines or rows.</param>
    /// <param name="rows">The labels as written, trimmed, none blank.</param>
    /// <param name="kind">Classes, numbers or texts; null to decide between the first two.</param>
    /// <param name="known">The classes there may be; null for those there are.</param>
    /// <exception cref="InvalidDataException">A label is not of the known classes, or not a number.</exception>
    public static Result Read(
        string source,
        string unit,
        IReadOnlyList<(long Line, string Label)> rows,
        LabelKind? kind,
        ClassLabels? known)
    {
        var reading = new LabelReading(source, unit, rows);
        if (kind == LabelKind.Texts)
        {
            return new(LabelKind.Texts, null, [], []) { Texts = [.. rows.Select(row => row.Label)] };
        }

        var decided = kind ?? (known is not null ? LabelKind.Classes : reading.Decide());
        return decided == LabelKind.Numbers ? reading.ReadNumbers() : reading.ReadClasses(known);
    }

    // Whole numbers and text are classes; one number with a fraction makes all of them numbers.
    private LabelKind Decide()
    {
        var fractions = _rows.Count(row =>
            LabelText.Whole(row.Label) is null && LabelText.Number(row.Label) is not null);
        if (fractions == 0)
        {
            return LabelKind.Classes;
        }

        var numbers = _rows.Count(row => LabelText.Number(row.Label) is not null);
        if (numbers == _rows.Count)
        {
            return LabelKind.Numbers;
        }

        var odd = _rows.First(row => LabelText.Number(row.Label) is null);
        throw new InvalidDataException(
            $"{_source}, {_unit} {odd.Line}: label '{odd.Label}' is not a number, while {numbers} of {_rows.Count} "
            + "labels are; wanted numbers throughout, or classes asked for.");
    }

    private Result ReadNumbers()
    {
        var targets = new List<double>(_rows.Count);
        foreach (var (line, label) in _rows)
        {
            targets.Add(LabelText.Number(label) ?? throw new InvalidDataException(
                $"{_source}, {_unit} {line}: label '{label}'; wanted a finite number."));
        }

        return new(
            LabelKind.Numbers, null, targets,
            targets.TrueForAll(double.IsInteger) && _rows.Any(row => LabelText.Whole(row.Label) is null)
                ? ["the labels are whole numbers written with a fraction: read as numbers; ask for classes otherwise"]
                : []);
    }

    private Result ReadClasses(ClassLabels? known)
    {
        var notes = new List<string>();
        var labels = known ?? Collect(notes);
        var targets = new List<double>(_rows.Count);
        foreach (var (line, label) in _rows)
        {
            targets.Add(labels.IndexOf(label) ?? labels.IndexOf(Plain(label)) ?? throw new InvalidDataException(
                $"{_source}, {_unit} {line}: label '{Shorten(label)}' is none of the {labels.Count} classes "
                + $"({ColumnList.Of(labels.Names)}); wanted one of them."));
        }

        var present = targets.ToHashSet();
        var absent = labels.Names.Where((_, index) => !present.Contains(index)).ToList();
        if (absent.Count > 0)
        {
            notes.Add($"no row has the label {string.Join(" or ", absent.Take(5))}");
        }

        if (known is null && labels.Count > 20 && labels.Count > _rows.Count / 2)
        {
            notes.Add($"{labels.Count} different labels in {_rows.Count} rows: is this the column of the label?");
        }

        return new(LabelKind.Classes, labels, targets, notes);
    }

    private ClassLabels Collect(List<string> notes)
    {
        var areNumbers = _rows.All(row => LabelText.Number(row.Label) is not null);
        var names = _rows.Select(row => areNumbers ? Plain(row.Label) : row.Label)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        names = areNumbers
            ? [.. names.OrderBy(LabelText.Number)]
            : [.. names.Order(StringComparer.Ordinal)];
        var clash = names.GroupBy(name => name.ToLowerInvariant()).FirstOrDefault(group => group.Count() > 1);
        if (clash is not null)
        {
            var spellings = clash.Select(name =>
            {
                var rows = _rows.Where(row => row.Label == name).ToList();
                return $"'{name}' ({rows.Count} rows, first at {_unit} {rows[0].Line})";
            });
            throw new InvalidDataException(
                $"{_source}: the labels {string.Join(" and ", spellings)} differ only in case; wanted one spelling, or "
                + "the list of classes given.");
        }

        if (names.Count == 1)
        {
            notes.Add($"every row has the label '{names[0]}'");
        }

        return new(names);
    }

    // 1, 01 and 1.0 are one class.
    private static string Plain(string label) =>
        LabelText.Number(label) is { } number && double.IsInteger(number) && Math.Abs(number) < 1e15
            ? ((long)number).ToString(CultureInfo.InvariantCulture)
            : label;

    private static string Shorten(string label) => label.Length > 60 ? label[..60] + "..." : label;
}
