using System.Buffers.Binary;
using System.Net;

namespace Weft.Proxy.Dns;

/// <summary>What one response message says about the question.</summary>
internal enum DnsOutcome
{
    /// <summary>Addresses at the end of the CNAME chain.</summary>
    Addresses,

    /// <summary>The name exists, without records of this type.</summary>
    NoData,

    /// <summary>NXDOMAIN.</summary>
    NoSuchName,

    /// <summary>The chain ends in another name that the server did not follow.</summary>
    Alias,

    /// <summary>Did not fit: ask again over TCP.</summary>
    Truncated,

    /// <summary>FORMERR: the server may not know EDNS.</summary>
    FormatError,

    /// <summary>SERVFAIL, REFUSED and the like: ask another server.</summary>
    ServerFailure,

    /// <summary>The right id and question, but broken inside.</summary>
    Malformed,

    /// <summary>Not an answer to this question (wrong id, question, or not a response): wait on, it may be forged.</summary>
    NotOurs,
}

/// <summary>A response read.</summary>
/// <param name="Addresses">In the order of the message; not empty only for <see cref="DnsOutcome.Addresses"/>.</param>
/// <param name="TtlSeconds">The least TTL along the chain.</param>
/// <param name="Alias">Where the chain ends, for <see cref="DnsOutcome.Alias"/>.</param>
/// <param name="ResponseCode">RCODE of the header.</param>
internal readonly record struct DnsAnswer(DnsOutcome Outcome, IReadOnlyList<IPAddress> Addresses, uint TtlSeconds, DnsName? Alias, int ResponseCode);

/// <summary>Reads response messages (RFC 1035 section 4). Any input is safe: what does not parse is an outcome, never an exception.</summary>
internal static class DnsResponse
{
    public const int HeaderBytes = 12;

    private const int MaxChain = 16;
    private const ushort Internet = 1;

    private readonly record struct Record(DnsName Owner, DnsRecordType Type, bool IsInternet, uint TtlSeconds, int DataStart, int DataBytes);

    private readonly record struct AliasRecord(DnsName Owner, DnsName Target, uint TtlSeconds);

    private readonly record struct AddressRecord(DnsName Owner, IPAddress Address, uint TtlSeconds);

    public static DnsAnswer Read(ReadOnlySpan<byte> message, ushort id, DnsName name, DnsRecordType type)
    {
        if (message.Length < HeaderBytes || BinaryPrimitives.ReadUInt16BigEndian(message) != id)
            return Simple(DnsOutcome.NotOurs);
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        var isResponse = (flags & 0x8000) != 0;
        var opcode = (flags >> 11) & 0xF;
        if (!isResponse || opcode != 0)
            return Simple(DnsOutcome.NotOurs);

        var responseCode = flags & 0xF;
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        // RFC 6891 section 7: an old server may answer the OPT record with a bare header.
        if (questions == 0 && responseCode == 1)
            return Simple(DnsOutcome.FormatError, responseCode);
        var position = HeaderBytes;
        if (questions != 1 || !IsQuestion(message, ref position, name, type))
            return Simple(DnsOutcome.NotOurs);

        var truncated = (flags & 0x0200) != 0;
        if (truncated)
            return Simple(DnsOutcome.Truncated);
        return responseCode switch
        {
            0 => ReadRecords(message, position, name, type),
            1 => Simple(DnsOutcome.FormatError, responseCode),
            3 => Simple(DnsOutcome.NoSuchName, responseCode),
            _ => Simple(DnsOutcome.ServerFailure, responseCode),
        };
    }

    private static DnsAnswer Simple(DnsOutcome outcome, int responseCode = 0) => new(outcome, [], 0, null, responseCode);

    private static bool IsQuestion(ReadOnlySpan<byte> message, ref int position, DnsName name, DnsRecordType type)
    {
        if (!DnsName.TryRead(message, ref position, out var asked) || message.Length - position < 4)
            return false;
        var askedType = BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
        var askedClass = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..]);
        position += 4;
        return asked.Equals(name) && askedType == (ushort)type && askedClass == Internet;
    }

    private static DnsAnswer ReadRecords(ReadOnlySpan<byte> message, int position, DnsName name, DnsRecordType type)
    {
        var aliases = new List<AliasRecord>();
        var addresses = new List<AddressRecord>();
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); left > 0; left--)
        {
            if (!TryReadRecord(message, ref position, out var record) || !TryKeep(message, record, type, aliases, addresses))
                return Simple(DnsOutcome.Malformed);
        }
        var answer = Follow(name, aliases, addresses);
        // RFC 2308 section 2.2: an SOA record says that the end of the chain is known to have no such records.
        return answer.Outcome == DnsOutcome.Alias && HasSoaAuthority(message, position) ? Simple(DnsOutcome.NoData) : answer;
    }

    private static bool HasSoaAuthority(ReadOnlySpan<byte> message, int position)
    {
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(message[8..]); left > 0; left--)
        {
            if (!TryReadRecord(message, ref position, out var record))
                return false;
            if (record.Type == DnsRecordType.Soa)
                return true;
        }
        return false;
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int position, out Record record)
    {
        const int FixedBytes = 10;
        record = default;
        if (!DnsName.TryRead(message, ref position, out var owner) || message.Length - position < FixedBytes)
            return false;
        var type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
        var isInternet = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..]) == Internet;
        var ttl = ReadTtl(message[(position + 4)..]);
        var dataBytes = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
        position += FixedBytes;
        if (message.Length - position < dataBytes)
            return false;
        record = new Record(owner, type, isInternet, ttl, position, dataBytes);
        position += dataBytes;
        return true;
    }

    /// <summary>Keeps a CNAME or an address of the asked type; false when its data is broken.</summary>
    private static bool TryKeep(ReadOnlySpan<byte> message, in Record record, DnsRecordType wanted, List<AliasRecord> aliases, List<AddressRecord> addresses)
    {
        if (!record.IsInternet)
            return true;
        if (record.Type == DnsRecordType.Cname)
        {
            var position = record.DataStart;
            var end = record.DataStart + record.DataBytes;
            if (!DnsName.TryRead(message[..end], ref position, out var target) || position != end)
                return false;
            aliases.Add(new AliasRecord(record.Owner, target, record.TtlSeconds));
        }
        else if (record.Type == wanted)
        {
            var size = wanted == DnsRecordType.A ? 4 : 16;
            if (record.DataBytes != size)
                return false;
            addresses.Add(new AddressRecord(record.Owner, new IPAddress(message.Slice(record.DataStart, size)), record.TtlSeconds));
        }
        return true;
    }

    /// <summary>RFC 2181 section 8: a TTL with the top bit set counts as zero.</summary>
    private static uint ReadTtl(ReadOnlySpan<byte> data)
    {
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(data);
        return ttl > int.MaxValue ? 0 : ttl;
    }

    /// <summary>Walks the CNAME chain from the asked name; only addresses of the name at its end count.</summary>
    private static DnsAnswer Follow(DnsName name, List<AliasRecord> aliases, List<AddressRecord> addresses)
    {
        var current = name;
        var ttl = uint.MaxValue;
        for (var hop = 0; ; hop++)
        {
            var next = aliases.Find(alias => alias.Owner.Equals(current));
            if (next.Target is null)
                break;
            if (hop == MaxChain)
                return Simple(DnsOutcome.Malformed);
            current = next.Target;
            ttl = Math.Min(ttl, next.TtlSeconds);
        }
        var found = new List<IPAddress>(addresses.Count);
        foreach (var address in addresses)
        {
            if (!address.Owner.Equals(current))
                continue;
            found.Add(address.Address);
            ttl = Math.Min(ttl, address.TtlSeconds);
        }
        if (found.Count > 0)
            return new DnsAnswer(DnsOutcome.Addresses, found, ttl, null, 0);
        return ReferenceEquals(current, name)
            ? Simple(DnsOutcome.NoData)
            : new DnsAnswer(DnsOutcome.Alias, [], ttl, current, 0);
    }
}
