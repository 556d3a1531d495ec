namespace Weft.Proxy.HttpFilters.JwtAuthn.Tokens;

/// <summary>The issuers whose tokens may stand in one place. Filled when configuration is compiled; then any thread.</summary>
internal sealed class JwtIssuers
{
    private readonly HashSet<string> _issuers = new(StringComparer.Ordinal);
    private bool _anyone;

    /// <summary>"": all issuers.</summary>
    public void Add(string issuer)
    {
        if (issuer.Length == 0)
            _anyone = true;
        else
            _issuers.Add(issuer);
    }

    public bool Allows(string issuer) => _anyone || _issuers.Contains(issuer);
}
