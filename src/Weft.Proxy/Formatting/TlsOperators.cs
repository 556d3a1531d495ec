using System.Buffers;
using Weft.Base.Buffers;
using Weft.Net.Tls;
using Weft.Proxy.Formatting.Operators;

namespace Weft.Proxy.Formatting;

/// <summary>The operators about TLS on either side. Values with a variable part are made when a line is written.</summary>
internal static class TlsOperators
{
    private static readonly SearchValues<char> s_nameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");

    private delegate TlsFacts? Side(in FormatContext context);

    private delegate string? Value(TlsFacts facts);

    public static void AddTo(Dictionary<string, OperatorKind> kinds)
    {
        AddText(kinds, "REQUESTED_SERVER_NAME", static (in FormatContext context) => SafeName(context.Info.RequestedServerName));
        AddText(kinds, "TLS_JA3_FINGERPRINT", static (in FormatContext context) => context.Info.Ja3Fingerprint);
        AddText(kinds, "TLS_JA4_FINGERPRINT", static (in FormatContext context) => context.Info.Ja4Fingerprint);
        AddText(kinds, "DOWNSTREAM_TRANSPORT_FAILURE_REASON", static (in FormatContext context) => context.Info.DownstreamTransportFailureReason?.Replace(' ', '_'));
        AddSide(kinds, "DOWNSTREAM", static (in FormatContext context) => context.Info.DownstreamTls);
        AddSide(kinds, "UPSTREAM", static (in FormatContext context) => context.Info.UpstreamTls);
    }

    private static void AddSide(Dictionary<string, OperatorKind> kinds, string side, Side of)
    {
        void Add(string name, Value value) => AddText(kinds, $"{side}_{name}", (in FormatContext context) => of(context) is { } facts ? value(facts) : null);
        void AddTime(string name, Func<CertificateInfo, DateTimeOffset> moment) => AddMoment(kinds, $"{side}_{name}", of, moment);
        Add("TLS_VERSION", static facts => facts.Version);
        Add("TLS_CIPHER", static facts => facts.Cipher);
        Add("TLS_SESSION_ID", static facts => facts.SessionId);
        Add("PEER_SUBJECT", static facts => facts.Peer?.Subject);
        Add("PEER_ISSUER", static facts => facts.Peer?.Issuer);
        Add("PEER_CERT", static facts => facts.Peer?.UrlEncodedPem);
        Add("PEER_FINGERPRINT_256", static facts => facts.Peer?.Sha256);
        Add("PEER_FINGERPRINT_1", static facts => facts.Peer?.Sha1);
        Add("PEER_SERIAL", static facts => facts.Peer?.SerialNumber);
        Add("PEER_CHAIN_FINGERPRINTS_256", static facts => Join(facts.PeerChain.Select(certificate => certificate.Sha256)));
        Add("PEER_CHAIN_FINGERPRINTS_1", static facts => Join(facts.PeerChain.Select(certificate => certificate.Sha1)));
        Add("PEER_CHAIN_SERIALS", static facts => Join(facts.PeerChain.Select(certificate => certificate.SerialNumber)));
        Add("LOCAL_SUBJECT", static facts => facts.Local?.Subject);
        foreach (var (name, kind) in s_names)
        {
            Add($"PEER_{name}", facts => Names(facts.Peer, kind));
            Add($"LOCAL_{name}", facts => Names(facts.Local, kind));
        }

        AddTime("PEER_CERT_V_START", static certificate => certificate.NotBefore);
        AddTime("PEER_CERT_V_END", static certificate => certificate.NotAfter);
    }

    private static readonly (string Name, SubjectAltNameKind Kind)[] s_names =
    [
        ("URI_SAN", SubjectAltNameKind.Uri), ("DNS_SAN", SubjectAltNameKind.Dns), ("IP_SAN", SubjectAltNameKind.IP),
        ("EMAIL_SAN", SubjectAltNameKind.Email), ("OTHERNAME_SAN", SubjectAltNameKind.Other),
    ];

    private delegate string? Text(in FormatContext context);

    private static void AddText(Dictionary<string, OperatorKind> kinds, string name, Text text) =>
        kinds.Add(name, OperatorKind.Of(new TextOperator((in FormatContext context, ByteWriter output) => TextSources.Write(text(context), output))));

    private static void AddMoment(Dictionary<string, OperatorKind> kinds, string name, Side of, Func<CertificateInfo, DateTimeOffset> moment) =>
        kinds.Add(name, new OperatorKind(OperatorSyntax.ParametersOptional, (OperatorText text, out string error) =>
        {
            error = "";
            var format = text.Parameters.Length > 0 ? TimeFormat.Parse(text.Parameters, out error) : TimeFormat.DefaultUtc;
            return format is null ? null : new TextOperator((in FormatContext context, ByteWriter output) =>
            {
                if (of(context)?.Peer is not { } peer)
                    return false;
                format.Write(output, moment(peer).UtcDateTime, TimeSpan.Zero);
                return true;
            });
        }));

    /// <summary>A client can name anything, also what would end a line of the log: what no host is called is marked, its other characters replaced.</summary>
    private static string? SafeName(string? name)
    {
        if (string.IsNullOrEmpty(name) || !name.AsSpan().ContainsAnyExcept(s_nameCharacters))
            return name;
        return "invalid:" + string.Create(name.Length, name, static (safe, name) =>
        {
            for (var i = 0; i < safe.Length; i++)
                safe[i] = s_nameCharacters.Contains(name[i]) ? name[i] : '_';
        });
    }

    private static string? Names(CertificateInfo? certificate, SubjectAltNameKind kind) =>
        certificate is null ? null : Join(certificate.SubjectAltNames.Where(name => name.Kind == kind).Select(name => name.Text));

    private static string Join(IEnumerable<string> parts) => string.Join(',', parts);
}
