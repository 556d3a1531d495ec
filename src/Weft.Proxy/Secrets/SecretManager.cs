using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Proxy.Bootstrap;

namespace Weft.Proxy.Secrets;

/// <summary>
/// All secrets by name: the static ones of the bootstrap. Configuration asks here for what a SdsSecretConfig names, and gets a
/// static secret, or one that a discovery service brings. Main thread.
/// </summary>
public sealed class SecretManager
{
    private static readonly Logger Log = Logger.Get("secret");

    private readonly Dictionary<string, SecretSource<TlsCertificate>> _certificates = [];
    private readonly Dictionary<string, SecretSource<CertificateValidationContext>> _validations = [];
    private readonly Dictionary<string, SecretSource<TlsSessionTicketKeys>> _ticketKeys = [];
    private readonly Dictionary<string, SecretSource<GenericSecret>> _generic = [];

    /// <summary>Secrets of the bootstrap, in order.</summary>
    internal List<Secret> Static { get; } = [];

    /// <summary>Secrets that are discovered, one entry for each place that uses one.</summary>
    internal List<LoadedSecret> Discovered { get; } = [];

    /// <summary>Contexts made of secrets, for <c>/certs</c>.</summary>
    internal TransportSockets.Tls.TlsContextList TlsContexts { get; } = new();

    /// <summary>Takes static_resources.secrets; faults are reported in the context.</summary>
    public void AddStatic(IEnumerable<Secret> secrets, ConfigContext context)
    {
        foreach (var secret in secrets)
        {
            var isNew = secret.TypeCase switch
            {
                Secret.TypeOneofCase.TlsCertificate => _certificates.TryAdd(secret.Name, new(secret.Name, secret.TlsCertificate)),
                Secret.TypeOneofCase.ValidationContext => _validations.TryAdd(secret.Name, new(secret.Name, secret.ValidationContext)),
                Secret.TypeOneofCase.SessionTicketKeys => _ticketKeys.TryAdd(secret.Name, new(secret.Name, secret.SessionTicketKeys)),
                Secret.TypeOneofCase.GenericSecret => _generic.TryAdd(secret.Name, new(secret.Name, secret.GenericSecret)),
                _ => Refuse(secret, context),
            };
            if (isNew)
                Static.Add(secret);
            else
                context.Error(secret, "name", $"Duplicate static {Kind(secret)} secret name {secret.Name}");
        }
    }

    /// <summary>Takes changed static secrets over, which were checked already: who uses them changes over while connections live on.</summary>
    internal void UpdateStatic(IReadOnlyCollection<Secret> secrets)
    {
        Update(_certificates, secrets, static secret => secret.TlsCertificate);
        Update(_validations, secrets, static secret => secret.ValidationContext);
        Update(_ticketKeys, secrets, static secret => secret.SessionTicketKeys);
        Update(_generic, secrets, static secret => secret.GenericSecret);
        Static.Clear();
        Static.AddRange(secrets);
    }

    private static void Update<T>(Dictionary<string, SecretSource<T>> known, IEnumerable<Secret> secrets, Func<Secret, T?> pick)
        where T : class, IMessage
    {
        var gone = known.Keys.ToHashSet();
        foreach (var secret in secrets)
        {
            if (pick(secret) is not { } value)
                continue;
            gone.Remove(secret.Name);
            if (!known.TryGetValue(secret.Name, out var source))
                known.Add(secret.Name, new SecretSource<T>(secret.Name, value));
            else if (!value.Equals(source.Value) && source.Update(value) is { } fault)
                Log.Error($"secret {secret.Name} is not taken over: {fault}");
        }

        foreach (var name in gone)
            known.Remove(name);
    }

    public SecretSource<TlsCertificate>? FindCertificate(SdsSecretConfig config, FactoryContext context) =>
        Find(_certificates, config, "static secret", static secret => secret.TlsCertificate, context);

    public SecretSource<CertificateValidationContext>? FindValidation(SdsSecretConfig config, FactoryContext context) =>
        Find(_validations, config, "static certificate validation context", static secret => secret.ValidationContext, context);

    public SecretSource<TlsSessionTicketKeys>? FindTicketKeys(SdsSecretConfig config, FactoryContext context) =>
        Find(_ticketKeys, config, "tls session ticket keys", static secret => secret.SessionTicketKeys, context);

    public SecretSource<GenericSecret>? FindGeneric(SdsSecretConfig config, FactoryContext context) =>
        Find(_generic, config, "generic secret", static secret => secret.GenericSecret, context);

    /// <summary>The secret; null with a finding when there is none of that name.</summary>
    private static SecretSource<T>? Find<T>(Dictionary<string, SecretSource<T>> secrets, SdsSecretConfig config, string kind, Func<Secret, T?> pick, FactoryContext context)
        where T : class, IMessage
    {
        if (config.SdsConfig is not null)
            return DiscoveredSecret<T>.Create(config, pick, typeof(T).Name, context);
        if (secrets.TryGetValue(config.Name, out var source))
            return source;
        context.Config.Error(config, "name", $"Unknown {kind}: {config.Name}");
        return null;
    }

    private static bool Refuse(Secret secret, ConfigContext context)
    {
        context.Error(secret, null, "a secret needs a type");
        return true;
    }

    private static string Kind(Secret secret) => secret.TypeCase switch
    {
        Secret.TypeOneofCase.TlsCertificate => "TlsCertificate",
        Secret.TypeOneofCase.ValidationContext => "CertificateValidationContext",
        Secret.TypeOneofCase.SessionTicketKeys => "TlsSessionTicketKeys",
        _ => "GenericSecret",
    };
}
