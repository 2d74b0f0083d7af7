using System.CommandLine;
using System.Globalization;
using LowRank.Cli.Terminal;
using LowRank.Tensors;

namespace LowRank.Cli.Commands;

/// <summary>Number formats and sizes of files, as a user writes them.</summary>
internal static class NumberFormats
{
    private static readonly (string Unit, double Bytes)[] Units =
    [
        ("KIB", 1 << 10), ("MIB", 1 << 20), ("GIB", 1 << 30), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1),
    ];

    public static Option<string> Dtype()
    {
        var option = new Option<string>("--dtype")
        {
            Description = "The number format of the weights.",
            DefaultValueFactory = _ => "f32",
            HelpName = "f32|f16|bf16",
        };
        option.AcceptOnlyFromAmong("f32", "f16", "bf16");
        return option;
    }

    public static TensorDtype Parse(string? name) => name switch
    {
        "f16" => TensorDtype.F16,
        "bf16" => TensorDtype.BF16,
        _ => TensorDtype.F32,
    };

    /// <summary>A size such as 5GB, 200MB or 1GiB, in bytes.</summary>
    public static long ParseSize(string option, string text)
    {
        var digits = text.TakeWhile(letter => char.IsAsciiDigit(letter) || letter == '.').Count();
        var unit = Array.FindIndex(Units, one => string.Equals(one.Unit, text[digits..].Trim(), StringComparison.OrdinalIgnoreCase));
        return unit >= 0 && double.TryParse(text[..digits], CultureInfo.InvariantCulture, out var number)
            && number * Units[unit].Bytes is >= 1 and < long.MaxValue and var bytes
            ? (long)bytes
            : throw new UsageException($"{option}: got '{text}'; wanted a size such as 5GB, 200MB or 1GiB.");
    }

    /// <summary>The size of a folder's files for people.</summary>
    public static string SizeOf(string folder)
    {
        var bytes = BytesOf(folder);
        return bytes < 1e6
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0.0} kB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");
    }

    public static long BytesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
