using System.Text;
using Envoy.Service.Discovery.V3;
using Weft.Base;
using Weft.Base.Logging;
using Weft.Config;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Clusters;
using Weft.Proxy.Workers;
using Weft.Proxy.XdsClient.Files;
using Weft.Proxy.XdsClient.Saving;
using Weft.Xds;
using Node = Envoy.Config.Core.V3.Node;

namespace Weft.Proxy.XdsClient.Rest;

/// <summary>
/// A management server that is asked again and again over HTTP, in JSON (api_type REST), for one type. A failure keeps what is in use. Main
/// thread.
/// </summary>
internal sealed class RestSource : IResourceSource, IClusterCallHandler, IDisposable
{
    private const int MaxResponseBytes = 128 * 1024 * 1024;

    private static readonly Logger Log = Logger.Get("config");

    private readonly RestSourceConfig _config;
    private readonly Worker _worker;
    private readonly ClusterReferences _clusters;
    private readonly RandomSource _random;
    private readonly ReadOptions _options;
    private readonly ClusterCall _call;
    private readonly LoopTimer _timer;
    private readonly SubscriptionTable _subscriptions;
    private readonly SavedState? _saved;
    private string _version = "";
    private bool _isChanged;

    /// <param name="savedTo">Where what was accepted is kept for the next start; null: nowhere.</param>
    public RestSource(RestSourceConfig config, Worker worker, FactoryContext context, ReadOptions options, string? savedTo = null)
    {
        (_config, _worker, _clusters, _random, _options) = (config, worker, context.Clusters, context.Random, options);
        _subscriptions = new SubscriptionTable(config.Name);
        _call = new ClusterCall(worker, this) { MaxResponseBytes = MaxResponseBytes };
        _timer = new LoopTimer(worker.Loop, Poll);
        _saved = savedTo is null ? null : new SavedState(savedTo, config.Name, worker.Loop, new ResponseDecoder(options), _subscriptions, static (_, _) => { });
    }

    public void Add(Subscription subscription)
    {
        _subscriptions.Add(subscription);
        _saved?.OnAdded(subscription);
        // Asked for once for all that begin in one turn. The version in use says nothing of what is asked for now.
        (_isChanged, _version) = (true, "");
        _timer.Arm(0);
    }

    public void Remove(Subscription subscription)
    {
        _subscriptions.Remove(subscription);
        _subscriptions.ForgetLeft();
        if (!_subscriptions.IsEmpty)
            return;
        _timer.Cancel();
        _call.Cancel();
    }

    public void Dispose()
    {
        _saved?.Dispose();
        _timer.Cancel();
        _call.Cancel();
    }

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        switch (status)
        {
            case 200:
                Take(Encoding.UTF8.GetString(call.ResponseBody));
                break;
            case 304:
                break;
            default:
                Fail(status == 0 ? "no answer" : $"HTTP status {status}");
                break;
        }

        // Those that were added meanwhile need not wait for the next round.
        _timer.Arm(_isChanged ? 0 : _config.RefreshDelayMs + _random.Next((uint)Math.Clamp(_config.RefreshDelayMs, 1, 1000)));
    }

    private void Poll()
    {
        if (_call.IsActive || _subscriptions.IsEmpty)
            return;
        if (_worker.Clusters.Find(_clusters.Get(_config.Cluster)) is not { } cluster)
        {
            Fail($"there is no cluster '{_config.Cluster}'");
            _timer.Arm(_config.RefreshDelayMs);
            return;
        }

        _isChanged = false;
        var request = new DiscoveryRequest { Node = _config.Node, VersionInfo = _version, TypeUrl = _config.Type.TypeUrl };
        request.ResourceNames.AddRange(_subscriptions.All.Select(subscription => subscription.Name).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        _call.Headers.Set(KnownHeader.Method, "POST"u8);
        _call.Headers.Set(KnownHeader.Path, Encoding.ASCII.GetBytes(_config.Path));
        _call.Headers.Set(KnownHeader.Authority, Encoding.ASCII.GetBytes(_config.Cluster));
        _call.Headers.Set(KnownHeader.ContentType, "application/json"u8);
        _call.Body.Write(Encoding.UTF8.GetBytes(MessagePrinter.ToJson(request, new PrintOptions { Indented = false, Redacted = false })));
        _call.Send(cluster, _config.RequestTimeoutMs);
    }

    private void Take(string json)
    {
        var reading = FileReading.OfText(json, _config.Name + ".json", _options);
        if (reading.Update is not { } update)
        {
            foreach (var subscription in _subscriptions.All.ToArray())
                subscription.Refuse(_config.Name, reading.Fault!);
            return;
        }

        var fault = _subscriptions.Deliver(_config.Type, update);
        _saved?.OnAnswer(_config.Type, update, fault);
        update.TellWarnings(_options.WarningFound);
        if (fault is null && !_isChanged)
            _version = update.Version;
    }

    private void Fail(string reason)
    {
        Log.Warning($"{_config.Name}: {reason}; what was accepted stays in use");
        foreach (var subscription in _subscriptions.All)
            subscription.OnUnreachable();

        _saved?.StandIn();
    }
}

/// <summary>An api_config_source of type REST, validated. Immutable.</summary>
/// <param name="Name">What logs call it.</param>
/// <param name="Type">What is asked for.</param>
/// <param name="Path">Of the request.</param>
/// <param name="Cluster">The management server.</param>
/// <param name="Node">Who asks.</param>
/// <param name="RefreshDelayMs">refresh_delay: between an answer and the next question.</param>
/// <param name="RequestTimeoutMs">request_timeout; default 1,000.</param>
internal sealed record RestSourceConfig(string Name, ResourceType Type, string Path, string Cluster, Node Node, long RefreshDelayMs, long RequestTimeoutMs);
