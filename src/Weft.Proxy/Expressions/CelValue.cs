using System.Text;

namespace Weft.Proxy.Expressions;

/// <summary>
/// A value of an expression. Texts are UTF-8 in an array of a constant or of the evaluating thread's <see cref="CelScratch"/>: valid until that
/// thread's next evaluation. The default value is an error.
/// </summary>
internal readonly struct CelValue
{
    public static readonly CelValue Null = new(CelKind.Null, null, 0, 0);
    public static readonly CelValue True = new(CelKind.Bool, null, 1, 0);
    public static readonly CelValue False = new(CelKind.Bool, null, 0, 0);

    private readonly object? _reference;
    private readonly long _number;
    private readonly int _extra;

    private CelValue(CelKind kind, object? reference, long number, int extra)
    {
        Kind = kind;
        _reference = reference;
        _number = number;
        _extra = extra;
    }

    public CelKind Kind { get; }

    public bool IsError => Kind == CelKind.Error;

    public bool IsTrue => Kind == CelKind.Bool && _number != 0;

    public bool IsFalse => Kind == CelKind.Bool && _number == 0;

    /// <summary>Text, which may be empty, rather than no text.</summary>
    public bool IsText => Kind is CelKind.String or CelKind.Bytes;

    public bool IsNumber => Kind is CelKind.Int or CelKind.Uint or CelKind.Double;

    public long AsInt => _number;

    public ulong AsUint => unchecked((ulong)_number);

    public double AsDouble => BitConverter.Int64BitsToDouble(_number);

    /// <summary>Of a duration or timestamp (since 1970).</summary>
    public long Seconds => _number;

    /// <summary>Of a duration (with the sign of its seconds) or timestamp (never negative).</summary>
    public int Nanos => _extra;

    /// <summary>Of a string, or bytes.</summary>
    public ReadOnlySpan<byte> Text => new((byte[]?)_reference, _extra, (int)_number);

    public CelList AsList => (CelList)_reference!;

    public CelMap AsMap => (CelMap)_reference!;

    /// <summary>What went wrong.</summary>
    public string Message => (string?)_reference ?? "no value";

    public static CelValue Error(string message) => new(CelKind.Error, message, 0, 0);

    public static CelValue Of(bool value) => value ? True : False;

    public static CelValue Of(long value) => new(CelKind.Int, null, value, 0);

    public static CelValue Of(ulong value) => new(CelKind.Uint, null, unchecked((long)value), 0);

    public static CelValue Of(double value) => new(CelKind.Double, null, BitConverter.DoubleToInt64Bits(value), 0);

    /// <param name="text">UTF-8; kept, and never changed.</param>
    public static CelValue String(byte[] text) => new(CelKind.String, text, text.Length, 0);

    public static CelValue String(string text) => String(Encoding.UTF8.GetBytes(text));

    public static CelValue Bytes(byte[] text) => new(CelKind.Bytes, text, text.Length, 0);

    /// <summary>A part of an array.</summary>
    public static CelValue TextOf(CelKind kind, byte[] text, int start, int length) => new(kind, text, length, start);

    public static CelValue Duration(long seconds, int nanos) => new(CelKind.Duration, null, seconds, nanos);

    public static CelValue Timestamp(long seconds, int nanos) => new(CelKind.Timestamp, null, seconds, nanos);

    public static CelValue Of(CelList list) => new(CelKind.List, list, 0, 0);

    public static CelValue Of(CelMap map) => new(CelKind.Map, map, 0, 0);

    public static CelValue Type(CelKind kind) => new(CelKind.Type, null, (long)kind, 0);

    /// <summary>The same text as the other kind of text.</summary>
    public CelValue As(CelKind kind) => new(kind, _reference, _number, _extra);
}
