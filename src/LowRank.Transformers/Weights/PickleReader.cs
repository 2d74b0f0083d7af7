using System.Buffers.Binary;
using System.Text;

namespace LowRank.Transformers.Weights;

/// <summary>A pickle machine that can build tensors and containers and nothing else.</summary>
/// <remarks>
/// A full unpickler runs whatever code the file names. This one knows the opcodes that <c>torch.save</c> writes for
/// state dictionaries (Python's pickletools, protocols 2 to 5); every other opcode or global is refused by name.
/// </remarks>
internal sealed class PickleReader
{
    private static readonly PickledValue Plain = new PickledValue.Plain();
    private readonly byte[] _bytes;
    private readonly string _where;
    private readonly List<PickledValue> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly Dictionary<uint, PickledValue> _memo = [];
    private int _at;

    private PickleReader(byte[] bytes, string where)
    {
        _bytes = bytes;
        _where = where;
    }

    /// <summary>Reads the one value of a pickle.</summary>
    /// <param name="bytes">The pickle.</param>
    /// <param name="where">File and part, for messages.</param>
    /// <returns>The value.</returns>
    /// <exception cref="InvalidDataException">The pickle is damaged or asks for more than tensors.</exception>
    public static PickledValue Read(byte[] bytes, string where)
    {
        var reader = new PickleReader(bytes, where);
        while (true)
        {
            var opcode = reader.Byte();
            if (opcode == '.')
            {
                return reader.Pop();
            }

            reader.Step(opcode);
        }
    }

    private void Step(byte opcode)
    {
        if (!(Constant(opcode) || Container(opcode) || Memory(opcode) || Construction(opcode)))
        {
            throw Refuse(
                $"the opcode 0x{opcode:x2}{(opcode is > 32 and < 127 ? $" ('{(char)opcode}')" : "")}",
                "only those that tensors and containers need");
        }
    }

    private bool Constant(byte opcode)
    {
        switch (opcode)
        {
            case 0x80: // PROTO
                var version = Byte();
                return version is >= 2 and <= 5 ? true : throw Refuse($"pickle protocol {version}", "2 to 5");
            case 0x95: // FRAME
                Take(8);
                return true;
            case (byte)'N' or 0x88 or 0x89: // NONE, NEWTRUE, NEWFALSE
                return Push(Plain);
            case (byte)'K': // BININT1
                return Push(new PickledValue.Number(Byte()));
            case (byte)'M': // BININT2
                return Push(new PickledValue.Number(BinaryPrimitives.ReadUInt16LittleEndian(Take(2))));
            case (byte)'J': // BININT
                return Push(new PickledValue.Number(BinaryPrimitives.ReadInt32LittleEndian(Take(4))));
            case 0x8a: // LONG1
                return Push(new PickledValue.Number(Long(Take(Byte()))));
            case (byte)'G': // BINFLOAT
                Take(8);
                return Push(Plain);
            case (byte)'X': // BINUNICODE
                return Push(new PickledValue.Text(Utf8(Take(Length()))));
            case 0x8c: // SHORT_BINUNICODE
                return Push(new PickledValue.Text(Utf8(Take(Byte()))));
            case (byte)'U': // SHORT_BINSTRING, a text of Python 2
                return Push(new PickledValue.Text(Utf8(Take(Byte()))));
            default:
                return false;
        }
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(': // MARK
                _marks.Push(_stack.Count);
                return true;
            case (byte)'}': // EMPTY_DICT
                return Push(new PickledValue.Table([]));
            case (byte)']' or (byte)')': // EMPTY_LIST, EMPTY_TUPLE
                return Push(new PickledValue.Sequence([]));
            case (byte)'t' or (byte)'l': // TUPLE, LIST
                return Push(new PickledValue.Sequence(PopToMark()));
            case 0x85 or 0x86 or 0x87: // TUPLE1 to TUPLE3
                return Push(new PickledValue.Sequence(PopMany(opcode - 0x84)));
            case (byte)'a': // APPEND
                var item = Pop();
                Top<PickledValue.Sequence>("a list").Items.Add(item);
                return true;
            case (byte)'e': // APPENDS
                var items = PopToMark();
                Top<PickledValue.Sequence>("a list").Items.AddRange(items);
                return true;
            case (byte)'s': // SETITEM
                return SetItems(PopMany(2));
            case (byte)'u': // SETITEMS
                return SetItems(PopToMark());
            default:
                return false;
        }
    }

    private bool Memory(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': // BINPUT
                _memo[Byte()] = Peek();
                return true;
            case (byte)'r': // LONG_BINPUT
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Take(4))] = Peek();
                return true;
            case 0x94: // MEMOIZE
                _memo[(uint)_memo.Count] = Peek();
                return true;
            case (byte)'h': // BINGET
                return Push(Recall(Byte()));
            case (byte)'j': // LONG_BINGET
                return Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
            case (byte)'0': // POP
                Pop();
                return true;
            default:
                return false;
        }
    }

    private bool Construction(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': // GLOBAL
                return Push(PickledGlobals.Find(Line(), Line(), _where));
            case 0x93: // STACK_GLOBAL
                var name = Pop<PickledValue.Text>("a text").Value;
                return Push(PickledGlobals.Find(Pop<PickledValue.Text>("a text").Value, name, _where));
            case (byte)'Q': // BINPERSID
                return Push(PickledGlobals.Storage(Pop<PickledValue.Sequence>("a tuple"), _where));
            case (byte)'R': // REDUCE
                var arguments = Pop<PickledValue.Sequence>("a tuple");
                return Push(PickledGlobals.Call(Pop<PickledValue.Global>("a function"), arguments, _where));
            case (byte)'b': // BUILD: an ordered dictionary's attributes, such as the versions in _metadata
                Pop<PickledValue.Table>("a dictionary");
                Top<PickledValue.Table>("a dictionary");
                return true;
            default:
                return false;
        }
    }

    private bool SetItems(List<PickledValue> items)
    {
        var table = Top<PickledValue.Table>("a dictionary");
        if (items.Count % 2 != 0)
        {
            throw Refuse("a key without its value", "pairs");
        }

        for (var i = 0; i < items.Count; i += 2)
        {
            table.Items.Add((items[i], items[i + 1]));
        }

        return true;
    }

    private bool Push(PickledValue value)
    {
        _stack.Add(value);
        return true;
    }

    // The stack above the innermost mark is a container under construction: nothing may reach below it.
    private int Floor => _marks.TryPeek(out var mark) ? mark : 0;

    private PickledValue Peek() =>
        _stack.Count > Floor ? _stack[^1] : throw Refuse("an operation on an empty stack", "a value before it");

    private PickledValue Pop()
    {
        var value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>(string wanted)
        where T : PickledValue
    {
        var value = Top<T>(wanted);
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Top<T>(string wanted)
        where T : PickledValue =>
        Peek() as T ?? throw Refuse($"a {Peek().Kind}", wanted);

    private List<PickledValue> PopMany(int count)
    {
        if (_stack.Count - Floor < count)
        {
            throw Refuse("too few values on the stack", $"{count}");
        }

        var items = _stack[^count..];
        _stack.RemoveRange(_stack.Count - count, count);
        return items;
    }

    private List<PickledValue> PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw Refuse("the end of a container that never began", "a mark before it");
        }

        var items = PopMany(_stack.Count - Floor);
        _marks.Pop();
        return items;
    }

    private PickledValue Recall(uint index) =>
        _memo.TryGetValue(index, out var value)
            ? value
            : throw Refuse($"a reference to the unknown value {index}", "one stored before");

    private byte Byte() => Take(1)[0];

    private int Length()
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
        return length <= int.MaxValue ? (int)length : throw Refuse($"a text of {length} bytes", "a shorter one");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _at)
        {
            throw Refuse($"the end of the pickle at byte {_bytes.Length}", $"{count} more bytes");
        }

        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }

    private string Line()
    {
        var length = _bytes.AsSpan(_at).IndexOf((byte)'\n');
        if (length < 0)
        {
            throw Refuse("a name without an end", "a line feed after it");
        }

        var line = Utf8(Take(length));
        _at++;
        return line;
    }

    private string Utf8(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Refuse("a text that is not UTF-8", "valid UTF-8");
        }
    }

    private long Long(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(long))
        {
            throw Refuse($"a number of {bytes.Length} bytes", $"at most {sizeof(long)}");
        }

        // Little-endian two's complement of any length: the last byte carries the sign.
        long value = bytes.Length > 0 && bytes[^1] >= 0x80 ? -1 : 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    private InvalidDataException Refuse(string got, string wanted) =>
        PickledGlobals.Refuse($"{_where}, byte {_at}", got, wanted);
}
