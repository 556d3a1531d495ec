using System.Globalization;
using System.Text;
using Weft.Net.Tls.Native;

namespace Weft.Net.Tls;

/// <summary>What the library noted on this thread, in the words Envoy's users know: BoringSSL's numbers and names.</summary>
internal static unsafe class TlsError
{
    private const int LibraryShift = 23;
    private const uint ReasonMask = 0x7FFFFF;
    private const int LibrarySystem = 2;
    private const int LibraryPem = 9;
    private const int LibrarySsl = 20;
    private const uint BoringSsl = 16u << 24;
    private const int FirstAlertReason = 1000;
    private const int ReasonNoCertificate = 199;
    private const int ReasonVerifyFailed = 134;
    private const int ReasonNoStartLine = 108;

    /// <summary>Takes all errors of this thread.</summary>
    /// <param name="peerFault">Why the peer's certificate was refused, if it was.</param>
    /// <param name="failure">What kind it was.</param>
    /// <returns><c>TLS_error:|NUMBER:LIBRARY:FUNCTION:REASON:TLS_error_end</c>, about a peer's certificate with details behind the reason; null when none was noted.</returns>
    public static string? Drain(string? peerFault, out TlsFailure failure)
    {
        failure = TlsFailure.None;
        StringBuilder? text = null;
        for (ulong error; (error = LibCrypto.ERR_get_error()) != 0;)
        {
            text ??= new StringBuilder("TLS_error:");
            Append(text, error, peerFault);
            failure = Worse(failure, error);
        }
        return text?.Append(":TLS_error_end").ToString();
    }

    /// <summary>The library's own words for its first error, for configuration; takes all.</summary>
    public static string Reason()
    {
        var error = LibCrypto.ERR_get_error();
        LibCrypto.ERR_clear_error();
        return error == 0 ? "unknown reason" : OpenSsl.Text(LibCrypto.ERR_reason_error_string(error));
    }

    /// <summary>Nothing more stands in the input, which is how reading all of it ends.</summary>
    internal static bool IsEndOfPem(ulong error) => Split(error) == (LibraryPem, ReasonNoStartLine);

    private static TlsFailure Worse(TlsFailure failure, ulong error)
    {
        var (library, reason) = Split(error);
        if (library == LibrarySsl && reason == ReasonNoCertificate)
            return TlsFailure.NoCertificate;
        if (library == LibrarySsl && reason == ReasonVerifyFailed)
            return TlsFailure.Refused;
        return failure == TlsFailure.None && library != LibrarySystem ? TlsFailure.Protocol : failure;
    }

    private static (int Library, int Reason) Split(ulong error) => ((int)(error >> LibraryShift) & 0xFF, (int)(error & ReasonMask));

    private static void Append(StringBuilder text, ulong error, string? peerFault)
    {
        var (library, reason) = Split(error);
        var number = library == LibrarySsl ? BoringSsl | (uint)Number(reason) : error;
        text.Append(CultureInfo.InvariantCulture, $"|{number}:{OpenSsl.Text(LibCrypto.ERR_lib_error_string(error))}:OPENSSL_internal:");
        text.Append(Name(reason, OpenSsl.Text(LibCrypto.ERR_reason_error_string(error))));
        if (library == LibrarySsl && reason == ReasonNoCertificate)
            text.Append(":peer did not provide required client certificate");
        else if (library == LibrarySsl && reason == ReasonVerifyFailed && peerFault is not null)
            text.Append(':').Append(peerFault);
    }

    private static string Name(int reason, string text) => reason switch
    {
        FirstAlertReason + 116 => "TLSV1_ALERT_CERTIFICATE_REQUIRED",
        _ => text.ToUpperInvariant().Replace(' ', '_'),
    };

    /// <summary>Alerts have the same numbers in both libraries.</summary>
    private static int Number(int reason) => reason switch
    {
        ReasonVerifyFailed => 125,
        ReasonNoCertificate => 192,
        267 => 247, // wrong version number
        258 => 240, // unsupported protocol
        193 => 181, // no shared cipher
        156 => 158, // http request
        244 => 224, // unexpected message
        _ => reason,
    };
}

/// <summary>Why a handshake or a connection failed, as far as statistics tell them apart.</summary>
public enum TlsFailure : byte
{
    /// <summary>Nothing was noted: the peer went away.</summary>
    None,

    /// <summary>The peer had to show a certificate and did not.</summary>
    NoCertificate,

    /// <summary>The peer's certificate was refused; the verifier has counted it.</summary>
    Refused,

    /// <summary>Everything else.</summary>
    Protocol,
}
