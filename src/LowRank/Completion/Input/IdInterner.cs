using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace LowRank.Completion.Input;

/// <summary>One worker's numbering of the ids it meets, by its own first appearance.</summary>
/// <remarks>Plain numbers below four million go by a table, all others by an open-addressing hash of their bytes.</remarks>
internal sealed class IdInterner
{
    /// <summary>Numbers from here on are hashed: a table for them could be far larger than the file.</summary>
    public const int NumberLimit = 1 << 22;

    private int[] _numbers = new int[1024];
    private int[] _slots = new int[1024];
    private Id[] _ids = new Id[256];
    private byte[] _pool = new byte[4096];
    private int _poolLength;
    private int _texts;

    /// <summary>Number of different ids.</summary>
    public int Count { get; private set; }

    /// <summary>Whether every id is a plain number below <see cref="NumberLimit"/>.</summary>
    public bool OnlyNumbers => _texts == 0;

    /// <summary>Where in the file an id was first met.</summary>
    public long FirstPosition(int index) => _ids[index].Position;

    /// <summary>The id as a number; only where <see cref="OnlyNumbers"/> holds.</summary>
    public int NumberAt(int index) => (int)_ids[index].Key;

    /// <summary>The id as the user wrote it.</summary>
    public string TextAt(int index)
    {
        ref readonly var id = ref _ids[index];
        return id.Length == 0
            ? id.Key.ToString(CultureInfo.InvariantCulture)
            : Encoding.UTF8.GetString(_pool, id.Offset, id.Length);
    }

    /// <summary>The index of a plain number.</summary>
    public int Intern(uint number, long position)
    {
        var numbers = _numbers;
        if (number < (uint)numbers.Length)
        {
            var known = numbers[number];
            if (known > 0)
            {
                return known - 1;
            }
        }

        if (number < NumberLimit)
        {
            return AddNumber(number, position);
        }

        Span<byte> digits = stackalloc byte[10];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        return InternText(digits[..length], position);
    }

    /// <summary>The index of an id.</summary>
    public int Intern(ReadOnlySpan<byte> text, long position) =>
        TryPlainNumber(text, out var number) ? Intern(number, position) : InternText(text, position);

    /// <summary>The index of another worker's id; its first appearance counts when it is earlier.</summary>
    public int InternFrom(IdInterner other, int index)
    {
        ref readonly var id = ref other._ids[index];
        var mine = id.Length == 0
            ? Intern((uint)id.Key, id.Position)
            : InternText(other._pool.AsSpan(id.Offset, id.Length), id.Position);
        _ids[mine].Position = Math.Min(_ids[mine].Position, id.Position);
        return mine;
    }

    // "7" is a number; "07" is another id.
    private static bool TryPlainNumber(ReadOnlySpan<byte> text, out uint number)
    {
        number = 0;
        if (text.Length is 0 or > 7 || (text[0] == '0' && text.Length > 1))
        {
            return false;
        }

        foreach (var letter in text)
        {
            var digit = (uint)letter - '0';
            if (digit > 9)
            {
                return false;
            }

            number = (10 * number) + digit;
        }

        return true;
    }

    private int AddNumber(uint number, long position)
    {
        if (number >= _numbers.Length)
        {
            Array.Resize(ref _numbers, (int)BitOperations.RoundUpToPowerOf2(number + 1));
        }

        _numbers[number] = Count + 1;
        return Add(new Id { Key = number, Position = position });
    }

    private int InternText(ReadOnlySpan<byte> text, long position)
    {
        var key = KeyOf(text);
        var mask = _slots.Length - 1;
        var slot = (int)(key * 0x9E3779B97F4A7C15 >> 32) & mask;
        for (; _slots[slot] > 0; slot = (slot + 1) & mask)
        {
            ref readonly var id = ref _ids[_slots[slot] - 1];
            if (id.Key == key && _pool.AsSpan(id.Offset, id.Length).SequenceEqual(text))
            {
                return _slots[slot] - 1;
            }
        }

        _slots[slot] = Count + 1;
        var offset = Keep(text);
        _texts++;
        var index = Add(new Id { Key = key, Position = position, Offset = offset, Length = text.Length });
        if (2 * _texts > _slots.Length)
        {
            Rehash();
        }

        return index;
    }

    private int Add(Id id)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, 2 * Count);
        }

        _ids[Count] = id;
        return Count++;
    }

    private int Keep(ReadOnlySpan<byte> text)
    {
        var needed = (long)_poolLength + text.Length;
        if (needed > _pool.Length)
        {
            if (needed > Array.MaxLength)
            {
                throw new InvalidDataException("the ids alone take more than 2 GB; wanted shorter or fewer ids.");
            }

            Array.Resize(ref _pool, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _pool.Length)));
        }

        text.CopyTo(_pool.AsSpan(_poolLength));
        _poolLength = (int)needed;
        return _poolLength - text.Length;
    }

    private void Rehash()
    {
        _slots = new int[2 * _slots.Length];
        var mask = _slots.Length - 1;
        for (var i = 0; i < Count; i++)
        {
            if (_ids[i].Length == 0)
            {
                continue;
            }

            var slot = (int)(_ids[i].Key * 0x9E3779B97F4A7C15 >> 32) & mask;
            while (_slots[slot] > 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i + 1;
        }
    }

    // Eight bytes at a time, each step a bijection of the state.
    private static ulong KeyOf(ReadOnlySpan<byte> text)
    {
        var key = (ulong)text.Length;
        for (; text.Length >= 8; text = text[8..])
        {
            key = Mix(key ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
        }

        var tail = 0UL;
        foreach (var letter in text)
        {
            tail = (tail << 8) | letter;
        }

        return Mix(key ^ tail);
    }

    private static ulong Mix(ulong key)
    {
        key *= 0xBF58476D1CE4E5B9;
        return key ^ (key >> 29);
    }

    private struct Id
    {
        public ulong Key;
        public long Position;
        public int Offset;
        public int Length;
    }
}
