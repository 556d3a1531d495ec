using System.Text;
using Envoy.Extensions.Http.InjectedCredentials.Generic.V3;
using Weft.Http;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Secrets;

namespace Weft.Proxy.HttpFilters.CredentialInjector;

/// <summary>The text of a generic secret, as it is now, behind header_value_prefix. Made and changed on the main thread; read by any.</summary>
internal sealed class InjectedCredential
{
    private readonly byte[] _prefix;
    private volatile byte[] _text = [];

    private InjectedCredential(byte[] prefix) => _prefix = prefix;

    /// <summary>Empty while there is none.</summary>
    public byte[] Text => _text;

    /// <summary>Null, with the fault reported, when there is no such secret.</summary>
    public static InjectedCredential? Create(Generic config, FactoryContext context)
    {
        var prefix = Encoding.UTF8.GetBytes(config.HeaderValuePrefix);
        if (!FieldText.IsValue(prefix))
        {
            context.Config.Error(config, "header_value_prefix", "header_value_prefix cannot stand in a header");
            return null;
        }

        var credential = new InjectedCredential(prefix);
        return SecretBytes.Watch(config.Credential, context, credential.Take) ? credential : null;
    }

    private string? Take(byte[] bytes)
    {
        // A file's last line ends; a header has no lines.
        var text = bytes.AsSpan().TrimEnd("\r\n"u8);
        if (!FieldText.IsValue(text)) return "cannot stand in a header";
        _text = text.IsEmpty ? [] : [.. _prefix, .. text];
        return null;
    }
}
