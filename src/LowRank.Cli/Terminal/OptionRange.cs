using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace LowRank.Cli.Terminal;

/// <summary>Ranges of numbers, held against the command line before anything is read or fetched.</summary>
internal static class OptionRange
{
    public static Option<TNumber?> AtLeast<TNumber>(this Option<TNumber?> option, TNumber least)
        where TNumber : struct, INumber<TNumber>
    {
        Require<TNumber>(option, value => value >= least, $"at least {least}");
        return option;
    }

    public static Option<TNumber> AtLeast<TNumber>(this Option<TNumber> option, TNumber least)
        where TNumber : struct, INumber<TNumber>
    {
        Require<TNumber>(option, value => value >= least, $"at least {least}");
        return option;
    }

    public static Option<TNumber?> Above<TNumber>(this Option<TNumber?> option, TNumber bound)
        where TNumber : struct, INumber<TNumber>
    {
        Require<TNumber>(option, value => value > bound, $"more than {bound}");
        return option;
    }

    // What is no number at all is refused by the parser.
    private static void Require<TNumber>(Option option, Func<TNumber, bool> fits, FormattableString wanted)
        where TNumber : struct, INumber<TNumber> => option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && TNumber.TryParse(token.Value, CultureInfo.InvariantCulture, out var value) && !fits(value))
            {
                result.AddError($"{option.Name}: got {token.Value}; wanted {FormattableString.Invariant(wanted)}.");
            }
        });
}
