using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Secrets;

namespace Weft.Proxy.HttpFilters.CredentialInjector;

/// <summary>The text of a generic secret, as it is now. Made and changed on the main thread; read by any.</summary>
internal sealed class InjectedCredential
{
    private volatile byte[] _text = [];

    private InjectedCredential()
    {
    }

    /// <summary>Empty while there is none.</summary>
    public byte[] Text => _text;

    /// <summary>Null, with the fault reported, when there is no such secret.</summary>
    public static InjectedCredential? Create(SdsSecretConfig config, FactoryContext context)
    {
        var credential = new InjectedCredential();
        return SecretBytes.Watch(config, context, credential.Take) ? credential : null;
    }

    private string? Take(byte[] bytes)
    {
        // A file's last line ends; a header has no lines.
        var text = bytes.AsSpan().TrimEnd("\r\n"u8);
        if (!FieldText.IsValue(text)) return "cannot stand in a header";
        _text = text.ToArray();
        return null;
    }
}
