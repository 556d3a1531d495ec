using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

/// <summary>
/// The JA4 fingerprint of a TLS client, which does not depend on the order in which it offers things: <c>t13d1516h2_8daaf6152771_e5627efa2ab1</c>.
/// Values that clients draw anew each time (GREASE, RFC 8701) are left out.
/// </summary>
internal sealed class Ja4Fingerprint
{
    private const int ExtensionServerName = 0;
    private const int ExtensionSignatureAlgorithms = 13;
    private const int ExtensionProtocols = 16;
    private const int ExtensionVersions = 43;
    private const int HashedBytes = 6;
    private const int MaxCount = 99;

    private readonly List<int> _suites = [];
    private readonly List<int> _extensions = [];
    private readonly List<int> _algorithms = [];
    private int _version;
    private int _extensionCount;
    private bool _hasServerName;
    private string _protocol = "00";

    /// <summary>What comes first: the version that the hello names for the sake of older servers, and the suites.</summary>
    public void AddStart(int version, ReadOnlySpan<byte> suites)
    {
        _version = version;
        AddNumbers(_suites, suites);
    }

    public void AddExtension(int type, ReadOnlySpan<byte> data)
    {
        if (Grease.Is(type))
            return;
        _extensionCount++;
        if (type == ExtensionServerName)
        {
            _hasServerName = true;
            return;
        }

        if (type == ExtensionProtocols)
        {
            _protocol = FirstProtocol(data);
            return;
        }

        _extensions.Add(type);
        if (type == ExtensionSignatureAlgorithms && data.Length >= 2)
            AddAll(_algorithms, data[2..]);
        else if (type == ExtensionVersions && data.Length >= 1)
            AddVersions(data[1..]);
    }

    /// <summary>36 characters.</summary>
    public string Finish()
    {
        _suites.Sort();
        _extensions.Sort();
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"t{VersionText(_version)}{(_hasServerName ? 'd' : 'i')}{Math.Min(_suites.Count, MaxCount):00}{Math.Min(_extensionCount, MaxCount):00}{_protocol}");
        return $"{head}_{Hash(Join(_suites), _suites.Count)}_{Hash(_algorithms.Count > 0 ? $"{Join(_extensions)}_{Join(_algorithms)}" : Join(_extensions), _extensions.Count)}";
    }

    /// <summary>The newest version that is offered counts, where there is a list.</summary>
    private void AddVersions(ReadOnlySpan<byte> versions)
    {
        var newest = 0;
        for (; versions.Length >= 2; versions = versions[2..])
        {
            var version = BinaryPrimitives.ReadUInt16BigEndian(versions);
            if (!Grease.Is(version))
                newest = Math.Max(newest, version);
        }

        if (newest != 0)
            _version = newest;
    }

    private static string VersionText(int version) => version switch
    {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        _ => "00",
    };

    /// <summary>The first and the last character of the protocol that the client likes best; as numbers where they are no letters or digits.</summary>
    private static string FirstProtocol(ReadOnlySpan<byte> data)
    {
        if (data.Length < 4 || data[2] == 0 || data.Length < 3 + data[2])
            return "00";
        var (first, last) = (data[3], data[2 + data[2]]);
        return char.IsAsciiLetterOrDigit((char)first) && char.IsAsciiLetterOrDigit((char)last)
            ? $"{(char)first}{(char)last}"
            : string.Create(CultureInfo.InvariantCulture, $"{first:x2}{last:x2}");
    }

    private static void AddNumbers(List<int> list, ReadOnlySpan<byte> numbers)
    {
        for (; numbers.Length >= 2; numbers = numbers[2..])
        {
            var number = BinaryPrimitives.ReadUInt16BigEndian(numbers);
            if (!Grease.Is(number))
                list.Add(number);
        }
    }

    private static void AddAll(List<int> list, ReadOnlySpan<byte> numbers)
    {
        for (; numbers.Length >= 2; numbers = numbers[2..])
            list.Add(BinaryPrimitives.ReadUInt16BigEndian(numbers));
    }

    private static string Join(List<int> numbers) => string.Join(',', numbers.Select(static number => number.ToString("x4", CultureInfo.InvariantCulture)));

    private static string Hash(string text, int count) =>
        count == 0 ? new string('0', 2 * HashedBytes) : Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)).AsSpan(0, HashedBytes));
}
