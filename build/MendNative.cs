using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Makes the copied libLibTorchSharp.so loadable with libstdc++ 3.4.30 (Debian 12, Ubuntu 22.04, RHEL 9).
/// </summary>
/// <remarks>
/// The file asks for version GLIBCXX_3.4.32 because of one symbol, _ZSt21ios_base_library_initv, a marker that
/// g++ 13 emits for &lt;iostream&gt; and that nothing calls. Two edits, both in place and of the same length:
/// the version need becomes weak (vna_flags |= VER_FLG_WEAK in .gnu.version_r), and the undefined symbol becomes
/// weak (STB_WEAK in .dynsym). Everything else keeps its bytes. The file is replaced by rename, so that a link into
/// the package cache is cut and the cache stays as it was. A second run finds nothing to do.
/// </remarks>
public sealed class MendNative : Task
{
    private const string Library = "libLibTorchSharp.so";
    private const string Version = "GLIBCXX_3.4.32";
    private const string Symbol = "_ZSt21ios_base_library_initv";
    private const int DynamicSymbols = 11;          // SHT_DYNSYM
    private const int VersionNeeds = 0x6ffffffe;    // SHT_GNU_verneed
    private const byte Weak = 2;                    // both VER_FLG_WEAK and STB_WEAK

    /// <summary>The output or publish folder; nothing happens when the library is not in it.</summary>
    [Required]
    public string Folder { get; set; }

    public override bool Execute()
    {
        foreach (var path in new[]
        {
            Path.Combine(Folder, Library),
            Path.Combine(Folder, "runtimes", "linux-x64", "native", Library),
        })
        {
            if (File.Exists(path))
            {
                MendFile(path);
            }
        }

        return !Log.HasLoggedErrors;
    }

    private void MendFile(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (!IsElf64(bytes) || !Mend(bytes))
        {
            return;
        }

        var beside = path + ".mending";
        File.WriteAllBytes(beside, bytes);
        File.Delete(path);
        File.Move(beside, path);
        Log.LogMessage(MessageImportance.Normal, "Mended " + path + ": " + Version + " is now optional.");
    }

    private static bool IsElf64(byte[] b)
    {
        return b.Length > 64 && b[0] == 0x7f && b[1] == 'E' && b[2] == 'L' && b[3] == 'F' && b[4] == 2 && b[5] == 1;
    }

    private static bool Mend(byte[] elf)
    {
        var changed = false;
        var table = (int)BitConverter.ToInt64(elf, 40);
        int size = BitConverter.ToUInt16(elf, 58), count = BitConverter.ToUInt16(elf, 60);
        for (var i = 0; i < count; i++)
        {
            var header = table + i * size;
            var kind = BitConverter.ToInt32(elf, header + 4);
            if (kind != DynamicSymbols && kind != VersionNeeds)
            {
                continue;
            }

            var offset = (int)BitConverter.ToInt64(elf, header + 24);
            var length = (int)BitConverter.ToInt64(elf, header + 32);
            var linked = table + BitConverter.ToInt32(elf, header + 40) * size;
            var strings = (int)BitConverter.ToInt64(elf, linked + 24);
            changed |= kind == DynamicSymbols
                ? WeakenSymbol(elf, offset, length, strings)
                : WeakenVersion(elf, offset, strings);
        }

        return changed;
    }

    // An Elf64_Sym has 24 bytes: name u32, info u8 (binding in the high half), other u8, section u16, value, size.
    private static bool WeakenSymbol(byte[] elf, int offset, int length, int strings)
    {
        for (var at = offset; at < offset + length; at += 24)
        {
            var undefined = BitConverter.ToUInt16(elf, at + 6) == 0;
            if (undefined && elf[at + 4] >> 4 != Weak && NameAt(elf, strings + BitConverter.ToInt32(elf, at)) == Symbol)
            {
                elf[at + 4] = (byte)((Weak << 4) | (elf[at + 4] & 15));
                return true;
            }
        }

        return false;
    }

    // Verneed: version u16, count u16, file u32, aux u32, next u32. Vernaux: hash u32, flags u16, other u16, name u32, next u32.
    private static bool WeakenVersion(byte[] elf, int need, int strings)
    {
        while (true)
        {
            var aux = need + BitConverter.ToInt32(elf, need + 8);
            for (int i = 0, n = BitConverter.ToUInt16(elf, need + 2); i < n; i++)
            {
                if (NameAt(elf, strings + BitConverter.ToInt32(elf, aux + 8)) == Version && (elf[aux + 4] & Weak) == 0)
                {
                    elf[aux + 4] |= Weak;
                    return true;
                }

                aux += BitConverter.ToInt32(elf, aux + 12);
            }

            var next = BitConverter.ToInt32(elf, need + 12);
            if (next == 0)
            {
                return false;
            }

            need += next;
        }
    }

    private static string NameAt(byte[] elf, int at)
    {
        return Encoding.ASCII.GetString(elf, at, Array.IndexOf(elf, (byte)0, at) - at);
    }
}
