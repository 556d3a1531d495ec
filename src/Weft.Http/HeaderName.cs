namespace Weft.Http;

/// <summary>A lower-case header name as configuration holds it: its bytes and, when the proxy knows it, its id, so that look-ups are by index.</summary>
public readonly struct HeaderName
{
    public HeaderName(string name) => throw new NotImplementedException();

    public HeaderName(KnownHeader known) => throw new NotImplementedException();

    public KnownHeader Known => throw new NotImplementedException();

    public ReadOnlySpan<byte> Bytes => throw new NotImplementedException();

    public override string ToString() => throw new NotImplementedException();

    /// <summary>The id of a lower-case name; None when it is not a known one.</summary>
    public static KnownHeader Find(ReadOnlySpan<byte> lowerCaseName) => throw new NotImplementedException();
}
