using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf;
using Weft.Base.Logging;
using Weft.Base.Stats;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.XdsClient;
using Weft.Xds;

namespace Weft.Proxy.Secrets;

/// <summary>SDS: a secret that a file or a management server gives, and replaces while connections that use it live on. Main thread.</summary>
internal sealed class DiscoveredSecret<T> : IResourceWatcher, IDisposable
    where T : class, IMessage
{
    private readonly SecretSource<T> _source;
    private readonly Func<Secret, T?> _pick;
    private readonly string _kind;
    private readonly Subscription? _subscription;
    private readonly LoadedSecret _loaded;
    private readonly SecretManager _all;
    private readonly SecretFiles? _files;
    private readonly Counter _rotationFailed;
    private InitTarget? _init;

    private DiscoveredSecret(SdsSecretConfig config, Func<Secret, T?> pick, string kind, FactoryContext context)
    {
        (_source, _pick, _kind) = (new SecretSource<T>(config.Name, null) { IsDiscovered = true }, pick, kind);
        (_loaded, _all) = (new LoadedSecret(config.Name), context.Secrets);
        _files = context.Subscriptions is null ? null : new SecretFiles(context.Subscriptions.Watcher, OnFilesChanged);
        var scope = context.Stats.Scope($"sds.{config.Name}.");
        _rotationFailed = scope.Counter("key_rotation_failed");
        if (config.Name.Length == 0)
        {
            context.Config.Error(config, "name", "a secret that is discovered needs a name");
            return;
        }

        _subscription = context.Subscriptions?.Create(config.SdsConfig, config, "sds_config", ResourceType.Secrets, config.Name, this, scope, context);
        if (_subscription is null)
            return;
        _all.Discovered.Add(_loaded);
        context.Lifetime?.Add(this);
        if (context.Init is null)
            _subscription.Start();
        else
            context.Init.Add($"SdsApi {config.Name}", OnInit);
    }

    /// <summary>The secret, without a value until one comes; null, with the fault reported, when its source cannot be used.</summary>
    /// <param name="pick">Takes the wanted kind out of a secret; null when it is another.</param>
    /// <param name="kind">What is wanted, for a fault.</param>
    public static SecretSource<T>? Create(SdsSecretConfig config, Func<Secret, T?> pick, string kind, FactoryContext context)
    {
        var secret = new DiscoveredSecret<T>(config, pick, kind, context);
        return secret._subscription is null ? null : secret._source;
    }

    public string? OnUpdate(DiscoveryUpdate update)
    {
        var fault = update.Resources.Count == 0 ? null : Apply(update);
        _init?.Ready();
        return fault;
    }

    public void OnNothing() => _init?.Ready();

    public void Dispose()
    {
        _subscription?.Dispose();
        _files?.Dispose();
        _all.Discovered.Remove(_loaded);
        _init?.Ready();
    }

    private void OnInit(InitTarget target)
    {
        _init = target;
        _subscription!.Start();
    }

    private string? Apply(DiscoveryUpdate update)
    {
        if (update.Find(_source.Name) is not { } resource)
            return update.Resources[0].Fault("name", $"Unexpected SDS secret (expecting {_source.Name}): {update.Resources[0].Name}");
        var config = resource.NewContext();
        if (resource.As<Secret>(config) is not { } secret || config.Findings.HasErrors)
            return string.Join("; ", config.Findings.Errors);
        if (_pick(secret) is not { } value)
            return $"the secret {_source.Name} is a {secret.TypeCase}, wanted is a {_kind}";
        if (value.Equals(_source.Value))
            return null;
        // Watched before they are read: no change in between is missed.
        var former = _source.Value;
        if ((_files!.Follow(value) ?? _source.Update(value)) is { } unusable)
        {
            if (former is null)
                _files.Dispose();
            else
                _files.Follow(former);
            return resource.Fault(null, unusable);
        }

        (_loaded.Secret, _loaded.Version, _loaded.UpdatedAt) = (secret, resource.Version, DateTimeOffset.UtcNow);
        return null;
    }

    /// <summary>Keys and certificates that are exchanged one after the other do not fit for a moment: that is counted, and the next change read again.</summary>
    private void OnFilesChanged()
    {
        if (_source.Value is not { } value || _source.Update(value) is not { } fault)
            return;
        _rotationFailed.Inc();
        Logger.Get("secret").Warning($"changed files of the secret {_source.Name} cannot be used, what was read before stays: {fault}");
    }
}
