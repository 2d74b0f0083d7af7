using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace LowRank.Completion.Input;

/// <summary>One worker's numbering of the ids it meets, by its own first appearance.</summary>
/// <remarks>
/// Plain numbers below four million go by a table, all others by an open-addressing hash of their bytes.
/// </remarks>
internal sealed class IdInterner(string file)
{
    /// <summary>Numbers from here on are hashed: a table for them could be far larger than the file.</summary>
    public const int NumberLimit = 1 << 22;

    private int[] _numbers = new int[1024];
    private Slot[] _slots = new Slot[1024];
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
    public int NumberAt(int index) => _ids[index].Number;

    /// <summary>The id as the user wrote it.</summary>
    public string TextAt(int index)
    {
        ref readonly var id = ref _ids[index];
        return id.Length == 0
            ? id.Number.ToString(CultureInfo.InvariantCulture)
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
            ? Intern((uint)id.Number, id.Position)
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
        return Add(new Id { Number = (int)number, Position = position });
    }

    private int InternText(ReadOnlySpan<byte> text, long position)
    {
        var wanted = Slot.Of(text);
        var mask = _slots.Length - 1;
        var place = wanted.Hash & mask;
        while (true)
        {
            ref readonly var slot = ref _slots[place];
            if (slot.Index == 0)
            {
                break;
            }

            if (slot.Matches(wanted) && (text.Length <= Slot.Held || PoolAt(slot.Index - 1).SequenceEqual(text)))
            {
                return slot.Index - 1;
            }

            place = (place + 1) & mask;
        }

        wanted.Index = Count + 1;
        _slots[place] = wanted;
        var index = Add(new Id { Position = position, Offset = Keep(text), Length = text.Length });
        _texts++;
        if (2 * _texts > _slots.Length)
        {
            Rehash();
        }

        return index;
    }

    private ReadOnlySpan<byte> PoolAt(int index) => _pool.AsSpan(_ids[index].Offset, _ids[index].Length);

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
                throw InputFault.Of(file, "different ids of more than 2 GB", "shorter or fewer ids", "number them");
            }

            Array.Resize(ref _pool, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _pool.Length)));
        }

        text.CopyTo(_pool.AsSpan(_poolLength));
        _poolLength = (int)needed;
        return _poolLength - text.Length;
    }

    private void Rehash()
    {
        var old = _slots;
        _slots = new Slot[2 * old.Length];
        var mask = _slots.Length - 1;
        foreach (ref readonly var slot in old.AsSpan())
        {
            if (slot.Index == 0)
            {
                continue;
            }

            var place = slot.Hash & mask;
            while (_slots[place].Index > 0)
            {
                place = (place + 1) & mask;
            }

            _slots[place] = slot;
        }
    }

    private struct Id
    {
        public long Position;
        public int Number;
        public int Offset;
        public int Length;
    }

    /// <summary>
    /// A place of the hash table. Texts of up to 16 bytes are compared right here: one cache miss, not three.
    /// </summary>
    private struct Slot
    {
        public const int Held = 16;

        private ulong _first;
        private ulong _last;
        private int _length;

        public int Index;

        // Both halves of a full product: every letter reaches every bit (Wang Yi's wyhash).
        public readonly int Hash =>
            (int)Product(_first ^ 0xA0761D6478BD642F ^ (ulong)_length, _last ^ 0xE7037ED1A0B428DB);

        public static Slot Of(ReadOnlySpan<byte> text) => new()
        {
            _first = text.Length >= 8 ? BinaryPrimitives.ReadUInt64LittleEndian(text) : Short(text),
            _last = text.Length <= 8 ? 0
                : text.Length <= Held ? BinaryPrimitives.ReadUInt64LittleEndian(text[^8..])
                : Digest(text[8..]),
            _length = text.Length,
        };

        public readonly bool Matches(in Slot other) =>
            _first == other._first && _last == other._last && _length == other._length;

        // Both ends overlap, so that for a known length no letter is lost.
        private static ulong Short(ReadOnlySpan<byte> text) => text.Length >= 4
            ? BinaryPrimitives.ReadUInt32LittleEndian(text)
                | ((ulong)BinaryPrimitives.ReadUInt32LittleEndian(text[^4..]) << 32)
            : text[0] | ((ulong)text[text.Length / 2] << 8) | ((ulong)text[^1] << 16);

        private static ulong Digest(ReadOnlySpan<byte> text)
        {
            var digest = (ulong)text.Length;
            for (; text.Length >= 8; text = text[8..])
            {
                digest = Mix(digest ^ BinaryPrimitives.ReadUInt64LittleEndian(text));
            }

            return text.Length == 0 ? digest : Mix(digest ^ Short(text));
        }

        private static ulong Mix(ulong key) => Product(key ^ 0x8EBC6AF09C88C6E3, 0x589965CC75374CC3);

        private static ulong Product(ulong a, ulong b) => Math.BigMul(a, b, out var low) ^ low;
    }
}
