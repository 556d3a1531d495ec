using Envoy.Extensions.TransportSockets.Tls.V3;
using Weft.Config;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Routing;

namespace Weft.Proxy.Secrets;

/// <summary>Takes what a secret holds; null, or why it cannot be used.</summary>
internal delegate string? TakeSecret(byte[] bytes);

/// <summary>
/// The bytes of a generic secret, handed to whoever uses them: at once when they are known, and again whenever they change. A fault leaves the
/// former bytes in use. Main thread.
/// </summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly SecretSource<GenericSecret> _secret;
    private readonly TakeSecret _take;

    private SecretBytes(SecretSource<GenericSecret> secret, TakeSecret take)
    {
        (_secret, _take) = (secret, take);
        secret.Changed += OnChanged;
    }

    /// <summary>False, with the fault reported, when there is no such secret.</summary>
    public static bool Watch(SdsSecretConfig config, FactoryContext context, TakeSecret take)
    {
        if (context.Secrets.FindGeneric(config, context) is not { } secret) return false;
        var bytes = new SecretBytes(secret, take);
        bytes.Read(context.Config);
        context.Lifetime?.Add(bytes);
        return true;
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
        if (_take(bytes) is { } fault) context.Error(_secret.Value, "secret", $"the secret {_secret.Name} {fault}");
    }
}
