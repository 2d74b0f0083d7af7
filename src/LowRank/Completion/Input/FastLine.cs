using System.Runtime.CompilerServices;

namespace LowRank.Completion.Input;

/// <summary>Reads the lines that nearly all files consist of: ids of visible ASCII, a plain decimal as value.</summary>
/// <remarks>
/// Everything else (quotes, blanks, letters beyond ASCII, exponents, faults) it declines, and <see cref="LineParser"/>
/// reads the line again with care. The text must end with a line feed and have one more byte behind it.
/// </remarks>
internal sealed unsafe class FastLine
{
    private static readonly double[] PowersOfTen =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18];

    private readonly byte _first;
    private readonly bool _double;
    private readonly byte _never;
    private readonly int _last;
    private readonly int _row;
    private readonly int _column;
    private readonly int _value;

    public FastLine(TextLayout layout)
    {
        _first = layout.Delimiter.First;
        _double = layout.Delimiter.Length == 2;
        _never = (byte)(layout.Delimiter.IsBlank ? '\t' : '"');
        _last = layout.FieldCount - 1;
        _row = layout.Row;
        _column = layout.Column;
        _value = layout.Value;
    }

    /// <summary>
    /// Reads the line at a place and moves behind it; false, and no move, when the line is not that simple.
    /// </summary>
    public bool TryRead(ref byte* place, out Id row, out Id column, out double value)
    {
        var p = place;
        row = column = default;
        value = 0;
        for (var field = 0; ; field++)
        {
            bool read;
            if (field == _row)
            {
                read = TryId(ref p, out row);
            }
            else if (field == _column)
            {
                read = TryId(ref p, out column);
            }
            else
            {
                read = field == _value ? TryDecimal(ref p, out value) : TrySkip(ref p);
            }

            if (!read)
            {
                return false;
            }

            if (field == _last)
            {
                p += *p == '\r' ? 1 : 0;
                place = *p == '\n' ? p + 1 : place;
                return *p == '\n';
            }

            if (*p != _first || (_double && p[1] != _first))
            {
                return false;
            }

            p += _double ? 2 : 1;
        }
    }

    // One to eight digits without a leading zero are a number; other visible letters are a text.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryId(ref byte* place, out Id id)
    {
        var p = place;
        uint number = 0;
        uint digit;
        for (; (digit = (uint)*p - '0') <= 9; p++)
        {
            number = (10 * number) + digit;
        }

        var length = p - place;
        if ((ulong)(length - 1) < 8 && (*place != '0' || length == 1) && (*p == _first || *p <= '\r'))
        {
            id = new Id { Number = number };
            place = p;
            return true;
        }

        return TryText(ref place, out id);
    }

    private bool TryText(ref byte* place, out Id id)
    {
        var p = place;
        while (*p != _first && *p is > (byte)' ' and < 127 and not (byte)'"')
        {
            p++;
        }

        id = new Id { Text = place, Length = (int)(p - place) };
        place = p;
        return id.Length > 0 && (*p == _first || *p is (byte)'\n' or (byte)'\r');
    }

    // A mantissa up to 2^53 and a power of ten up to 10^22 are exact doubles, so that their quotient is rounded once:
    // the nearest double, as double.Parse gives it (Clinger 1990).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryDecimal(ref byte* place, out double value)
    {
        var p = place;
        var negative = *p == '-';
        p += negative ? 1 : 0;
        var start = p;
        ulong mantissa = 0;
        ulong digit;
        for (; (digit = (ulong)*p - '0') <= 9; p++)
        {
            mantissa = (10 * mantissa) + digit;
        }

        var digits = p - start;
        long places = 0;
        if (*p == '.')
        {
            start = ++p;
            for (; (digit = (ulong)*p - '0') <= 9; p++)
            {
                mantissa = (10 * mantissa) + digit;
            }

            places = p - start;
            digits += places;
        }

        if ((ulong)(digits - 1) >= 18 || mantissa > 1UL << 53)
        {
            value = 0;
            return false;
        }

        var magnitude = mantissa / PowersOfTen[places];
        value = negative ? -magnitude : magnitude;
        place = p;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TrySkip(ref byte* place)
    {
        var p = place;
        while (*p != _first && *p != '\n' && *p != '\r' && *p != '"' && *p != _never)
        {
            p++;
        }

        place = p;
        return *p != '"' && *p != _never;
    }

    /// <summary>An id as it stands in the text: a number, or letters where the length is not 0.</summary>
    public struct Id
    {
        public uint Number;
        public int Length;
        public byte* Text;

        public readonly int InternIn(IdInterner ids, long position) => Length == 0
            ? ids.Intern(Number, position)
            : ids.Intern(new ReadOnlySpan<byte>(Text, Length), position);
    }
}
