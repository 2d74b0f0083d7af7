using System.Globalization;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace LowRank.Tensors;

/// <summary>The only argument validation: every message says what, what was given, and what is wanted.</summary>
/// <remarks>One source file, linked into each library, so that it need not be public.</remarks>
internal static class Check
{
    /// <summary>Returns the argument, or throws when it is null.</summary>
    public static T NotNull<T>(T? value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : class =>
        value ?? throw new ArgumentNullException(name);

    /// <summary>Returns the text, or throws when it is null, empty or blank.</summary>
    public static string NotBlank(string? value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        string.IsNullOrWhiteSpace(value)
            ? throw new ArgumentException($"{name}: got an empty text; wanted some characters.", name)
            : value;

    /// <summary>Returns the number, or throws when it lies outside [low, high].</summary>
    public static T InRange<T>(T value, T low, T high, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : IComparable<T> =>
        value.CompareTo(low) >= 0 && value.CompareTo(high) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(
                name, string.Create(CultureInfo.InvariantCulture, $"{name}: got {value}; wanted {low} to {high}."));

    /// <summary>Returns the number, or throws when it is below the limit.</summary>
    public static T AtLeast<T>(T value, T low, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : IComparable<T> =>
        value.CompareTo(low) >= 0
            ? value
            : throw new ArgumentOutOfRangeException(
                name, string.Create(CultureInfo.InvariantCulture, $"{name}: got {value}; wanted at least {low}."));

    /// <summary>Returns the number, or throws when it is not finite and at least zero.</summary>
    public static double NotNegative(double value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        double.IsFinite(value) && value >= 0
            ? value
            : throw new ArgumentOutOfRangeException(
                name, string.Create(CultureInfo.InvariantCulture, $"{name}: got {value}; wanted a finite number >= 0."));

    /// <summary>Returns the number, or throws when it is not finite and above zero.</summary>
    public static double Positive(double value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        double.IsFinite(value) && value > 0
            ? value
            : throw new ArgumentOutOfRangeException(
                name, string.Create(CultureInfo.InvariantCulture, $"{name}: got {value}; wanted a finite number > 0."));

    /// <summary>Returns the tensor, or throws when it is not a floating-point matrix of the wanted shape.</summary>
    /// <remarks>A negative number of rows or columns means any.</remarks>
    public static torch.Tensor Matrix(
        torch.Tensor? value,
        long rows = -1,
        long columns = -1,
        [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        var shape = NotNull(value, name).shape;
        var fits = shape.Length == 2 && shape[0] > 0 && shape[1] > 0
            && (rows < 0 || shape[0] == rows) && (columns < 0 || shape[1] == columns);
        That(fits, name!, $"{name}: got shape [{string.Join(", ", shape)}]; wanted a matrix "
            + $"[{(rows < 0 ? "any" : rows)}, {(columns < 0 ? "any" : columns)}].");
        That(value!.is_floating_point(), name!, $"{name}: got {value.dtype}; wanted a floating-point matrix.");
        return value;
    }

    /// <summary>Throws with the given sentence when the condition does not hold.</summary>
    public static void That(bool condition, string name, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message, name);
        }
    }
}
