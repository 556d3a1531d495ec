using System.Buffers.Binary;
using System.Text;

namespace Weft.Proxy.Listeners.ListenerFilters.TlsInspector;

/// <summary>What a TLS ClientHello asks for (RFC 8446 section 4.1.2), read from the first bytes of a connection, in whatever pieces they come.</summary>
public sealed class ClientHello
{
    /// <summary>A longer one is refused.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>Its records may be small, but not tiny all of them: reading them again and again must stay cheap.</summary>
    private const int MaxReceivedBytes = MaxBytes + 2048;

    private const int RecordHeaderBytes = 5;
    private const int HandshakeHeaderBytes = 4;
    private const int MaxRecordBytes = 16 * 1024;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloMessage = 1;
    private const int ExtensionServerName = 0;
    private const int ExtensionProtocols = 16;
    private const int HostName = 0;

    /// <summary>Lower case; empty when it names none.</summary>
    public string ServerName { get; private set; } = "";

    /// <summary>The JA3 fingerprint; null when it was not asked for.</summary>
    public string? Ja3Fingerprint { get; private set; }

    /// <summary>The JA4 fingerprint; null when it was not asked for.</summary>
    public string? Ja4Fingerprint { get; private set; }

    /// <summary>In the client's order; empty when it offers none.</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; private set; } = [];

    /// <summary>Reads it.</summary>
    /// <param name="data">All bytes so far.</param>
    /// <param name="hello">Set with <see cref="ClientHelloStatus.Found"/>.</param>
    /// <param name="withJa3">Its JA3 fingerprint is wanted, too.</param>
    /// <param name="withJa4">Its JA4 fingerprint is wanted, too.</param>
    public static ClientHelloStatus Read(ReadOnlySpan<byte> data, out ClientHello? hello, bool withJa3 = false, bool withJa4 = false)
    {
        hello = null;
        if (data.Length > 0 && data[0] != HandshakeRecord)
            return ClientHelloStatus.NotTls;
        Span<byte> message = stackalloc byte[MaxBytes];
        var status = Assemble(data, message, out var length);
        if (status != ClientHelloStatus.Found)
            return status;
        var found = new ClientHello();
        var (ja3, ja4) = (withJa3 ? new Ja3Fingerprint() : null, withJa4 ? new Ja4Fingerprint() : null);
        if (!found.TryParse(message.Slice(HandshakeHeaderBytes, length), ja3, ja4))
            return ClientHelloStatus.NotTls;
        found.Ja3Fingerprint = ja3?.Finish();
        found.Ja4Fingerprint = ja4?.Finish();
        hello = found;
        return status;
    }

    /// <summary>Puts the message together from its records; a record may hold any part of it, but not none (RFC 8446 section 5.1).</summary>
    private static ClientHelloStatus Assemble(ReadOnlySpan<byte> data, Span<byte> message, out int length)
    {
        length = 0;
        var received = data.Length;
        for (var have = 0; ;)
        {
            if (data.Length > 0 && data[0] != HandshakeRecord)
                return ClientHelloStatus.NotTls;
            if (data.Length > 1 && data[1] != 3)
                return ClientHelloStatus.NotTls;
            if (data.Length < RecordHeaderBytes)
                return received > MaxReceivedBytes ? ClientHelloStatus.TooLarge : ClientHelloStatus.NeedsMore;
            var recordLength = BinaryPrimitives.ReadUInt16BigEndian(data[3..]);
            if (recordLength is 0 or > MaxRecordBytes)
                return ClientHelloStatus.NotTls;
            data = data[RecordHeaderBytes..];
            var part = data[..Math.Min(recordLength, data.Length)];
            if (have + part.Length > message.Length)
                part = part[..(message.Length - have)];
            part.CopyTo(message[have..]);
            have += part.Length;
            if (have > 0 && message[0] != ClientHelloMessage)
                return ClientHelloStatus.NotTls;
            if (have >= HandshakeHeaderBytes)
            {
                length = (message[1] << 16) | (message[2] << 8) | message[3];
                if (length > MaxBytes - HandshakeHeaderBytes)
                    return ClientHelloStatus.TooLarge;
                if (have >= HandshakeHeaderBytes + length)
                    return ClientHelloStatus.Found;
            }

            if (data.Length < recordLength)
                return received > MaxReceivedBytes ? ClientHelloStatus.TooLarge : ClientHelloStatus.NeedsMore;
            data = data[recordLength..];
        }
    }

    private bool TryParse(ReadOnlySpan<byte> body, Ja3Fingerprint? ja3, Ja4Fingerprint? ja4)
    {
        var version = body.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(body);
        // legacy_version, random, legacy_session_id, cipher_suites, legacy_compression_methods
        if (!TrySkip(ref body, 2 + 32) || !TryTake(ref body, 1, out _) || !TryTake(ref body, 2, out var suites) || !TryTake(ref body, 1, out _) || suites.Length < 2)
            return false;
        ja3?.AddStart(version, suites);
        ja4?.AddStart(version, suites);
        if (body.IsEmpty)
            return true;
        if (!TryTake(ref body, 2, out var extensions) || !body.IsEmpty)
            return false;
        while (!extensions.IsEmpty)
        {
            if (extensions.Length < 2)
                return false;
            var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
            extensions = extensions[2..];
            if (!TryTake(ref extensions, 2, out var extension) || !TryParse(type, extension))
                return false;
            ja3?.AddExtension(type, extension);
            ja4?.AddExtension(type, extension);
        }

        return true;
    }

    private bool TryParse(int type, ReadOnlySpan<byte> extension) => type switch
    {
        ExtensionServerName => TryParseServerName(extension),
        ExtensionProtocols => TryParseProtocols(extension),
        _ => true,
    };

    /// <summary>RFC 6066 section 3. A name with a NUL or another control character is nobody's.</summary>
    private bool TryParseServerName(ReadOnlySpan<byte> extension)
    {
        if (!TryTake(ref extension, 2, out var names) || !extension.IsEmpty)
            return false;
        while (!names.IsEmpty)
        {
            var type = names[0];
            names = names[1..];
            if (!TryTake(ref names, 2, out var name))
                return false;
            if (type != HostName || ServerName.Length > 0)
                continue;
            if (name.IsEmpty || name.ContainsAnyInRange((byte)0, (byte)0x20) || name.ContainsAnyInRange((byte)0x7f, (byte)0xff))
                return false;
            ServerName = Encoding.ASCII.GetString(name).ToLowerInvariant();
        }

        return true;
    }

    /// <summary>RFC 7301 section 3.1.</summary>
    private bool TryParseProtocols(ReadOnlySpan<byte> extension)
    {
        if (!TryTake(ref extension, 2, out var list) || !extension.IsEmpty)
            return false;
        var protocols = new List<string>();
        while (!list.IsEmpty)
        {
            if (!TryTake(ref list, 1, out var protocol) || protocol.IsEmpty)
                return false;
            protocols.Add(Encoding.Latin1.GetString(protocol));
        }

        ApplicationProtocols = protocols;
        return true;
    }

    private static bool TrySkip(ref ReadOnlySpan<byte> data, int count)
    {
        if (data.Length < count)
            return false;
        data = data[count..];
        return true;
    }

    /// <summary>Takes a part behind its length of one or two bytes.</summary>
    private static bool TryTake(ref ReadOnlySpan<byte> data, int lengthBytes, out ReadOnlySpan<byte> part)
    {
        part = default;
        if (data.Length < lengthBytes)
            return false;
        var length = lengthBytes == 1 ? data[0] : BinaryPrimitives.ReadUInt16BigEndian(data);
        if (data.Length < lengthBytes + length)
            return false;
        part = data.Slice(lengthBytes, length);
        data = data[(lengthBytes + length)..];
        return true;
    }
}

/// <summary>How far the reading of a <see cref="ClientHello"/> came.</summary>
public enum ClientHelloStatus : byte
{
    Found,

    /// <summary>It has begun like one.</summary>
    NeedsMore,

    /// <summary>It is none, or a malformed one.</summary>
    NotTls,

    TooLarge,
}
