using System.Text;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Net.Tls;
using Weft.Proxy.Routing.Matching;
using SanType = Envoy.Extensions.TransportSockets.Tls.V3.SubjectAltNameMatcher.Types.SanType;
using StringMatcherMessage = Envoy.Type.Matcher.V3.StringMatcher;

namespace Weft.Proxy.TransportSockets.Tls;

/// <summary>A name that a certificate must hold: match_typed_subject_alt_names. Immutable; any thread.</summary>
internal sealed class SanMatcher
{
    private readonly SubjectAltNameKind _kind;
    private readonly string _otherId;
    private readonly string? _exactDns;
    private readonly StringMatcher _text;

    private SanMatcher(SubjectAltNameKind kind, StringMatcherMessage matcher, string otherId, ConfigContext context)
    {
        _kind = kind;
        _otherId = otherId;
        // An exact DNS name is found in a wildcard of the certificate too.
        _exactDns = kind == SubjectAltNameKind.Dns && matcher.MatchPatternCase == StringMatcherMessage.MatchPatternOneofCase.Exact ? matcher.Exact : null;
        _text = StringMatcher.Create(matcher, context);
    }

    /// <summary>It is about URIs, such as SPIFFE IDs.</summary>
    public bool IsUri => _kind == SubjectAltNameKind.Uri;

    /// <summary>Compiles all of a validation context: match_typed_subject_alt_names, and the deprecated form without types.</summary>
    public static SanMatcher[] Create(CertificateValidationContext source, ConfigContext context)
    {
        var matchers = new List<SanMatcher>();
        foreach (var typed in source.MatchTypedSubjectAltNames)
            matchers.Add(new SanMatcher(KindOf(typed.SanType), typed.Matcher, typed.Oid, context));
#pragma warning disable CS0612 // still accepted: the name may be of any type
        foreach (var matcher in matchers.Count == 0 ? [.. source.MatchSubjectAltNames] : Array.Empty<StringMatcherMessage>())
        {
            foreach (var kind in (SubjectAltNameKind[])[SubjectAltNameKind.Dns, SubjectAltNameKind.Uri, SubjectAltNameKind.Email, SubjectAltNameKind.IP])
                matchers.Add(new SanMatcher(kind, matcher, "", context));
        }
#pragma warning restore CS0612
        return [.. matchers];
    }

    public bool IsMatch(in SubjectAltName name)
    {
        // Who reads a name to its NUL sees another one (CVE-2009-2408): such a name is nobody's.
        if (name.HasNul || name.Kind != _kind || (_kind == SubjectAltNameKind.Other && name.OtherId != _otherId))
            return false;
        return _exactDns is not null ? DnsNames.Match(_exactDns, name.Text) : _text.IsMatch(Encoding.UTF8.GetBytes(name.Text));
    }

    private static SubjectAltNameKind KindOf(SanType type) => type switch
    {
        SanType.Email => SubjectAltNameKind.Email,
        SanType.Uri => SubjectAltNameKind.Uri,
        SanType.IpAddress => SubjectAltNameKind.IP,
        SanType.OtherName => SubjectAltNameKind.Other,
        _ => SubjectAltNameKind.Dns,
    };
}
