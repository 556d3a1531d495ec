using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing;
using Weft.Proxy.Secrets;

namespace Weft.Proxy.HttpFilters.CredentialInjector;

/// <summary>The text of a generic secret, as it is now. Made and changed on the main thread; read by any.</summary>
internal sealed class InjectedCredential : IDisposable
{
    private readonly SecretSource<GenericSecret> _secret;
    private volatile byte[] _text = [];

    private InjectedCredential(SecretSource<GenericSecret> secret, ConfigContext context)
    {
        _secret = secret;
        Read(context);
        secret.Changed += OnChanged;
    }

    /// <summary>Empty while there is none.</summary>
    public byte[] Text => _text;

    /// <summary>Null, with the fault reported, when there is no such secret.</summary>
    public static InjectedCredential? Create(SdsSecretConfig config, FactoryContext context)
    {
        if (context.Secrets.FindGeneric(config, context) is not { } secret) return null;
        var credential = new InjectedCredential(secret, context.Config);
        context.Lifetime?.Add(credential);
        return credential;
    }

    public void Dispose() => _secret.Changed -= OnChanged;

    /// <summary>Null, or why the new secret cannot be used.</summary>
    private string? OnChanged()
    {
        var context = new ConfigContext();
        Read(context);
        return context.Findings.HasErrors ? string.Join("; ", context.Findings.Errors) : null;
    }

    private void Read(ConfigContext context)
    {
        if (_secret.Value?.Secret is not { } source || DataSourceReader.Read(source, long.MaxValue, context) is not { } bytes) return;
        // A file's last line ends; a header has no lines.
        var text = bytes.AsSpan().TrimEnd("\r\n"u8);
        if (FieldText.IsValue(text)) _text = text.ToArray();
        else context.Error(_secret.Value, "secret", $"the secret {_secret.Name} cannot stand in a header");
    }
}
