using System.Buffers.Binary;
using Weft.Base.Buffers;
using Weft.Net;

namespace Weft.Proxy.UdpFilters.DnsFilter;

/// <summary>
/// An answer that is being put together: at most 8 records and 512 bytes, of which the last records that do not fit are left out. Reused by its owner; one
/// thread.
/// </summary>
internal sealed class DnsAnswer
{
    /// <summary>Beyond that EDNS would be needed (RFC 1035 section 4.2.1).</summary>
    private const int MaxBytes = 512;

    private const int MaxRecords = 8;
    private const int HeaderBytes = 12;
    private const ushort Internet = 1;
    private const ushort IsResponse = 0x8000;
    private const ushort OpcodeAndRecursionDesired = 0x7900;
    private const ushort RecursionAvailable = 0x0080;

    /// <summary>A pointer to the question's name (RFC 1035 section 4.1.4).</summary>
    private const ushort QuestionName = 0xC00C;

    private const ushort FormatError = 1;
    private const ushort NameError = 3;
    private const ushort NotImplemented = 4;

    private readonly ByteWriter _message = new(MaxBytes);
    private readonly ByteWriter _additional = new(MaxBytes);
    private int _answers;
    private int _additionals;

    /// <summary>How many records answer the question.</summary>
    public int Count => _answers;

    /// <summary>Forgets the last answer and repeats the question.</summary>
    public void Begin(in DnsQuestion question)
    {
        _message.Clear();
        _additional.Clear();
        (_answers, _additionals) = (0, 0);
        _message.GetSpan(HeaderBytes)[..HeaderBytes].Clear();
        _message.Advance(HeaderBytes);
        _message.Write(question.Section);
    }

    /// <summary>Adds an address, if it is of the type that was asked for; false when not, or when it does not fit any more.</summary>
    public bool TryAdd(ushort type, NetAddress address, uint ttlSeconds)
    {
        if (TypeOf(address) != type || _answers == MaxRecords)
            return false;
        var start = _message.Length;
        Write(_message, QuestionName);
        WriteAddress(_message, type, address, ttlSeconds);
        if (!Fits(start))
            return false;
        _answers++;
        return true;
    }

    /// <summary>Adds a service at a host (RFC 2782) and one of the host's addresses; false when they do not fit.</summary>
    public bool TryAddService(in DnsServiceTarget target, uint ttlSeconds, int port, NetAddress address, uint addressTtlSeconds)
    {
        if (_answers == MaxRecords)
            return false;
        var start = _message.Length;
        Write(_message, QuestionName);
        WriteHead(_message, DnsQuestion.TypeSrv, ttlSeconds, 6 + target.Wire.Length);
        Write(_message, (ushort)target.Priority);
        Write(_message, (ushort)target.Weight);
        Write(_message, (ushort)port);
        _message.Write(target.Wire);
        var additionalStart = _additional.Length;
        _additional.Write(target.Wire);
        WriteAddress(_additional, TypeOf(address), address, addressTtlSeconds);
        if (!Fits(start))
        {
            _additional.Truncate(additionalStart);
            return false;
        }

        _answers++;
        _additionals++;
        return true;
    }

    /// <summary>The whole message; valid until the next <see cref="Begin"/>.</summary>
    /// <param name="question">What it answers.</param>
    /// <param name="isBroken">The question could not be read.</param>
    /// <param name="isRecursive">Names that are not known here are asked for elsewhere.</param>
    public ReadOnlySpan<byte> End(in DnsQuestion question, bool isBroken, bool isRecursive)
    {
        _message.Write(_additional.Written);
        var code = isBroken ? FormatError : !question.IsSupported ? NotImplemented : _answers == 0 ? NameError : 0;
        var flags = IsResponse | (question.Flags & OpcodeAndRecursionDesired) | (isRecursive ? RecursionAvailable : 0) | code;
        Span<byte> header = stackalloc byte[HeaderBytes];
        BinaryPrimitives.WriteUInt16BigEndian(header, question.Id);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)(question.Section.IsEmpty ? 0 : 1));
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)_answers);
        BinaryPrimitives.WriteUInt16BigEndian(header[8..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)_additionals);
        _message.Overwrite(0, header);
        return _message.Written;
    }

    /// <summary>A or AAAA.</summary>
    public static ushort TypeOf(NetAddress address) => address.Kind switch
    {
        NetAddressKind.IPv4 => DnsQuestion.TypeA,
        NetAddressKind.IPv6 => DnsQuestion.TypeAaaa,
        _ => 0,
    };

    private bool Fits(int start)
    {
        if (_message.Length + _additional.Length <= MaxBytes)
            return true;
        _message.Truncate(start);
        return false;
    }

    private static void WriteAddress(ByteWriter to, ushort type, NetAddress address, uint ttlSeconds)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = address.TryWriteIP(bytes);
        WriteHead(to, type, ttlSeconds, length);
        to.Write(bytes[..length]);
    }

    /// <summary>What stands between a record's name and its data.</summary>
    private static void WriteHead(ByteWriter to, ushort type, uint ttlSeconds, int dataBytes)
    {
        Write(to, type);
        Write(to, Internet);
        Write(to, (ushort)(ttlSeconds >> 16));
        Write(to, (ushort)ttlSeconds);
        Write(to, (ushort)dataBytes);
    }

    private static void Write(ByteWriter to, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to.GetSpan(2), value);
        to.Advance(2);
    }
}
