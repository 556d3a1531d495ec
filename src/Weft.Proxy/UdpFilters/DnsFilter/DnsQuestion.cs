using System.Buffers.Binary;
using Weft.Proxy.Dns;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>What is wrong with a query.</summary>
internal enum DnsQuestionFault : byte { None, TooShort, HasRecords, NotOneQuestion, Malformed }

/// <summary>A query as a client sends it: one question (RFC 1035 section 4.1). Refers to the datagram it was read from.</summary>
internal readonly ref struct DnsQuestion
{
    /// <summary>RFC 1035 section 3.2.2 and RFC 2782.</summary>
    public const ushort TypeA = 1;
    public const ushort TypeAaaa = 28;
    public const ushort TypeSrv = 33;

    /// <summary>Room that a name needs as text.</summary>
    public const int MaxNameChars = DnsName.MaxWireBytes;

    private const int HeaderBytes = 12;
    private const ushort Internet = 1;
    private const ushort IsResponse = 0x8000;

    public ushort Id { get; private init; }

    public ushort Flags { get; private init; }

    /// <summary>Lower case, without a final dot.</summary>
    public ReadOnlySpan<char> Name { get; private init; }

    public ushort Type { get; private init; }

    /// <summary>The question section as it came; empty when it could not be read.</summary>
    public ReadOnlySpan<byte> Section { get; private init; }

    /// <summary>The query has additional records (EDNS), which are not looked at.</summary>
    public bool HasAdditional { get; private init; }

    public bool IsSupported => Type is TypeA or TypeAaaa or TypeSrv;

    /// <summary>Reads a datagram. With a fault only <see cref="Id"/> and <see cref="Flags"/> count, as far as they are there.</summary>
    /// <param name="message">The datagram.</param>
    /// <param name="name">Takes the name: <see cref="MaxNameChars"/>.</param>
    /// <param name="fault">None: it is a query.</param>
    public static DnsQuestion Read(ReadOnlySpan<byte> message, Span<char> name, out DnsQuestionFault fault)
    {
        var id = message.Length >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(message) : (ushort)0;
        var flags = message.Length >= 4 ? BinaryPrimitives.ReadUInt16BigEndian(message[2..]) : (ushort)0;
        var question = new DnsQuestion { Id = id, Flags = flags };
        fault = CheckHeader(message, flags);
        if (fault != DnsQuestionFault.None)
            return question;
        var end = ReadName(message, name, out var length);
        if (end < 0 || end + 4 > message.Length || BinaryPrimitives.ReadUInt16BigEndian(message[(end + 2)..]) != Internet)
        {
            fault = DnsQuestionFault.Malformed;
            return question;
        }

        return question with
        {
            Name = name[..length],
            Type = BinaryPrimitives.ReadUInt16BigEndian(message[end..]),
            Section = message[HeaderBytes..(end + 4)],
            HasAdditional = BinaryPrimitives.ReadUInt16BigEndian(message[10..]) > 0,
        };
    }

    private static DnsQuestionFault CheckHeader(ReadOnlySpan<byte> message, ushort flags)
    {
        if (message.Length < HeaderBytes)
            return DnsQuestionFault.TooShort;
        var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        if ((flags & IsResponse) != 0 || answers > 0 || authorities > 0)
            return DnsQuestionFault.HasRecords;
        return BinaryPrimitives.ReadUInt16BigEndian(message[4..]) == 1 ? DnsQuestionFault.None : DnsQuestionFault.NotOneQuestion;
    }

    /// <summary>The position behind the name; -1 when there is none. There is nothing before a question that a pointer could mean.</summary>
    private static int ReadName(ReadOnlySpan<byte> message, Span<char> name, out int length)
    {
        length = 0;
        var at = HeaderBytes;
        while (at < message.Length && message[at] is > 0 and <= 63 and var size)
        {
            if (at + 1 + size >= message.Length || length + size + 1 > name.Length)
                return -1;
            if (length > 0)
                name[length++] = '.';
            foreach (var octet in message.Slice(at + 1, size))
                name[length++] = octet is >= (byte)'A' and <= (byte)'Z' ? (char)(octet | 0x20) : (char)octet;
            at += 1 + size;
        }

        return at < message.Length && message[at] == 0 && length > 0 ? at + 1 : -1;
    }
}
