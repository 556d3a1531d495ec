namespace Weft.Net.Tls;

/// <summary>Versions by their number on the wire.</summary>
public enum TlsVersion
{
    Tls10 = 0x0301,
    Tls11 = 0x0302,
    Tls12 = 0x0303,
    Tls13 = 0x0304,
}
