namespace LowRank.Completion.Input;

/// <summary>The bytes of an input file, unpacked, as lines, blocks of lines, or plain bytes.</summary>
/// <remarks>Only <see cref="TryReadBlock"/> may be called from several threads.</remarks>
internal sealed class InputSource : IDisposable
{
    /// <summary>How far the layout of a file may be judged by its start.</summary>
    public const int PeekSize = 1 << 16;

    private const int LargestWhole = 1 << 30;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private byte[] _ahead = new byte[PeekSize];
    private int _start;
    private int _end;
    private bool _ended;
    private int _sequence;

    private InputSource(string name, Stream stream, bool compressed)
    {
        Name = name;
        _stream = stream;
        Compressed = compressed;
    }

    /// <summary>The file as the user named it.</summary>
    public string Name { get; }

    /// <summary>Whether the file was compressed with gzip.</summary>
    public bool Compressed { get; }

    /// <summary>Number of lines handed out so far.</summary>
    public long LinesRead { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is a folder, or damaged gzip data.</exception>
    public static InputSource Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw InputFault.Of(path, "a folder", "a file", "name one of the files in it");
        }

        if (!File.Exists(path))
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(path));
            throw new FileNotFoundException(
                $"{path}: there is no such file (looked in {folder}); check the path.", path);
        }

        // No second buffer: reads are large.
        return Open(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0), path);
    }

    /// <summary>Takes over a stream at its start.</summary>
    public static InputSource Open(Stream stream, string name)
    {
        try
        {
            var start = new byte[2];
            var count = stream.ReadAtLeast(start, 2, throwOnEndOfStream: false);
            var whole = new PaddedStream(start.AsMemory(0, count), stream, default);
            var compressed = start is [0x1F, 0x8B];
            return new InputSource(name, compressed ? new GzipInput(name, whole) : whole, compressed);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>The next bytes, at most <see cref="PeekSize"/>, without taking them.</summary>
    /// <param name="whole">Whether they are all that is left.</param>
    public ReadOnlySpan<byte> Peek(out bool whole)
    {
        while (_end - _start < PeekSize && FillAhead())
        {
        }

        whole = _ended;
        return _ahead.AsSpan(_start, _end - _start);
    }

    /// <summary>The next line without its end; false at the end of the file.</summary>
    /// <param name="line">Valid until the next call.</param>
    /// <param name="longest">The longest line allowed, bytes.</param>
    public bool TryReadLine(out ReadOnlySpan<byte> line, int longest = TextBlock.Size)
    {
        var seen = 0;
        int feed;
        while ((feed = _ahead.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n')) < 0)
        {
            seen = _end - _start;
            if (seen > longest)
            {
                throw TooLong(LinesRead + 1, longest);
            }

            if (!FillAhead())
            {
                line = TrimReturn(_ahead.AsSpan(_start, seen));
                _start = _end;
                LinesRead += seen > 0 ? 1 : 0;
                return seen > 0;
            }
        }

        line = TrimReturn(_ahead.AsSpan(_start, seen + feed));
        _start += seen + feed + 1;
        LinesRead++;
        return true;
    }

    /// <summary>Takes plain bytes; 0 at the end of the file.</summary>
    public int Read(Span<byte> buffer)
    {
        if (_start == _end)
        {
            return _stream.Read(buffer);
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _ahead.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    /// <summary>Takes all bytes that are left; for images.</summary>
    /// <exception cref="InvalidDataException">There are more than a gigabyte.</exception>
    public byte[] ReadToEnd()
    {
        while (FillAhead())
        {
            if (_end > LargestWhole)
            {
                throw InputFault.Of(Name, $"more than {LargestWhole} bytes", "a smaller image", "read it in parts");
            }
        }

        var bytes = _ahead[_start.._end];
        _start = _end;
        return bytes;
    }

    /// <summary>
    /// Fills a block with the next whole lines; false at the end of the file. Safe from several threads.
    /// </summary>
    public bool TryReadBlock(TextBlock block)
    {
        lock (_lock)
        {
            var length = Math.Min(_end - _start, TextBlock.Size);
            _ahead.AsSpan(_start, length).CopyTo(block.Bytes);
            _start += length;
            while (length < TextBlock.Size && !_ended)
            {
                var got = _stream.Read(block.Bytes.AsSpan(length, TextBlock.Size - length));
                _ended = got == 0;
                length += got;
            }

            if (length == 0)
            {
                return false;
            }

            block.Length = KeepWholeLines(block.Bytes, length);
            block.Lines = block.Bytes.AsSpan(0, block.Length).Count((byte)'\n');
            block.FirstLine = LinesRead + 1;
            block.Sequence = _sequence++;
            LinesRead += block.Lines;
            return true;
        }
    }

    public void Dispose() => _stream.Dispose();

    // Gives the unfinished last line back, or closes it where the file ends without a line feed.
    private int KeepWholeLines(byte[] bytes, int length)
    {
        var whole = bytes.AsSpan(0, length).LastIndexOf((byte)'\n') + 1;
        var rest = length - whole;
        if (rest == 0)
        {
            return whole;
        }

        if (_ended && _start == _end)
        {
            bytes[length] = (byte)'\n';
            return length + 1;
        }

        if (whole == 0)
        {
            throw TooLong(LinesRead + 1, TextBlock.Size);
        }

        PushBack(bytes.AsSpan(whole, rest));
        return whole;
    }

    private void PushBack(ReadOnlySpan<byte> bytes)
    {
        var left = _end - _start;
        if (_ahead.Length < bytes.Length + left)
        {
            Array.Resize(ref _ahead, bytes.Length + left);
        }

        _ahead.AsSpan(_start, left).CopyTo(_ahead.AsSpan(bytes.Length));
        bytes.CopyTo(_ahead);
        _start = 0;
        _end = bytes.Length + left;
    }

    private bool FillAhead()
    {
        if (_ended)
        {
            return false;
        }

        if (_start > 0)
        {
            _ahead.AsSpan(_start, _end - _start).CopyTo(_ahead);
            _end -= _start;
            _start = 0;
        }

        if (_end == _ahead.Length)
        {
            Array.Resize(ref _ahead, 2 * _ahead.Length);
        }

        var got = _stream.Read(_ahead.AsSpan(_end));
        _ended = got == 0;
        _end += got;
        return got > 0;
    }

    private InvalidDataException TooLong(long line, int longest) => InputFault.At(
        Name,
        line,
        null,
        $"a line longer than {longest} bytes",
        "one entry per line",
        "check that this is a text file with line feeds between its lines");

    private static ReadOnlySpan<byte> TrimReturn(ReadOnlySpan<byte> line) =>
        line.EndsWith("\r"u8) ? line[..^1] : line;
}
