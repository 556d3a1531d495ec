using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

/// <summary>
/// The JA3 fingerprint of a TLS client: the MD5 of what its hello offers, in its order: version, cipher suites, extensions, groups, point formats. Values
/// that clients draw anew each time (GREASE, RFC 8701) are left out.
/// </summary>
internal sealed class Ja3Fingerprint
{
    private const int ExtensionGroups = 10;
    private const int ExtensionPointFormats = 11;

    private readonly StringBuilder _suites = new();
    private readonly StringBuilder _extensions = new();
    private readonly StringBuilder _groups = new();
    private readonly StringBuilder _pointFormats = new();
    private int _version;

    /// <summary>What comes first: the version that the hello names for the sake of older servers, and the suites.</summary>
    public void AddStart(int version, ReadOnlySpan<byte> suites)
    {
        _version = version;
        AddNumbers(_suites, suites);
    }

    public void AddExtension(int type, ReadOnlySpan<byte> data)
    {
        Add(_extensions, type);
        if (type == ExtensionGroups && data.Length >= 2)
            AddNumbers(_groups, data[2..]);
        if (type != ExtensionPointFormats || data.Length < 1)
            return;
        foreach (var format in data[1..])
            Join(_pointFormats, format);
    }

    /// <summary>32 hexadecimal digits.</summary>
    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "JA3 is defined with MD5; nothing is protected by it.")]
    public string Finish() => Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_version},{_suites},{_extensions},{_groups},{_pointFormats}"))));

    private static void AddNumbers(StringBuilder text, ReadOnlySpan<byte> numbers)
    {
        for (; numbers.Length >= 2; numbers = numbers[2..])
            Add(text, BinaryPrimitives.ReadUInt16BigEndian(numbers));
    }

    private static void Add(StringBuilder text, int number)
    {
        if (!Grease.Is(number))
            Join(text, number);
    }

    private static void Join(StringBuilder text, int number)
    {
        if (text.Length > 0)
            text.Append('-');
        text.Append(number.ToString(CultureInfo.InvariantCulture));
    }
}
