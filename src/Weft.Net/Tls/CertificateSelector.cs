namespace Weft.Net.Tls;

/// <summary>
/// Which of several certificates a client is offered: those whose names fit the one it asks for, one per type of key (the library then takes
/// what the client's algorithms allow). Immutable.
/// </summary>
internal sealed class CertificateSelector
{
    private readonly Dictionary<string, List<TlsCertificate>> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<TlsCertificate> _all = [];
    private readonly List<TlsCertificate> _first;
    private readonly bool _scansAll;

    public CertificateSelector(IReadOnlyList<TlsCertificate> certificates, bool scansAll)
    {
        _scansAll = scansAll;
        _first = [certificates[0]];
        foreach (var certificate in certificates)
        {
            AddOnePerKeyType(_all, certificate);
            foreach (var name in NamesOf(certificate.Info))
            {
                if (!_byName.TryGetValue(name, out var list))
                    _byName.Add(name, list = []);
                AddOnePerKeyType(list, certificate);
            }
        }
    }

    /// <param name="serverName">Empty when the client named none: then every certificate may serve.</param>
    public List<TlsCertificate> Select(string serverName)
    {
        if (serverName.Length == 0)
            return _all;
        if (_byName.TryGetValue(serverName, out var exact))
            return exact;
        var dot = serverName.IndexOf('.', 1);
        if (dot > 0 && _byName.TryGetValue(string.Concat("*", serverName.AsSpan(dot)), out var wildcard))
            return wildcard;
        return _scansAll ? _all : _first;
    }

    /// <summary>The common name counts only where there are no other names (RFC 6125 section 6.4.4).</summary>
    private static IEnumerable<string> NamesOf(CertificateInfo info)
    {
        if (info.SubjectAltNames.Count > 0)
            return info.SubjectAltNames.Where(name => name.Kind == SubjectAltNameKind.Dns).Select(name => name.Text);
        return info.CommonName.Length > 0 ? [info.CommonName] : [];
    }

    private static void AddOnePerKeyType(List<TlsCertificate> list, TlsCertificate certificate)
    {
        if (!list.Any(other => other.IsEc == certificate.IsEc))
            list.Add(certificate);
    }
}
