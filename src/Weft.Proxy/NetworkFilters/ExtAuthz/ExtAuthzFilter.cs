using Weft.Net;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.HttpFilters.ExtAuthz;
using Weft.Proxy.Streams;
using Weft.Proxy.Workers;

namespace Weft.Proxy.NetworkFilters.ExtAuthz;

/// <summary>
/// envoy.filters.network.ext_authz: when the first data of a connection comes (then the handshake is done), a service is asked whether it may go on; until then the data waits.
/// Worker thread.
/// </summary>
internal sealed class ExtAuthzFilter : NetworkFilter, IGrpcUnaryHandler
{
    private const string MetadataNamespace = "envoy.filters.network.ext_authz";

    private readonly ExtAuthzFactory _config;
    private readonly Worker _worker;
    private readonly GrpcUnaryCall _call;
    private Stage _stage;
    private long _askedUs;
    private bool _isStarting;

    public ExtAuthzFilter(ExtAuthzFactory config, Worker worker)
    {
        (_config, _worker) = (config, worker);
        _call = new GrpcUnaryCall(config.Service.Target, worker, this);
    }

    private enum Stage : byte
    {
        New,
        Waiting,
        Passed,
        Refused,
    }

    public override NetworkFilterStatus OnData(ReadOnlySpan<byte> data, bool endStream)
    {
        if (_stage == Stage.New)
            Begin();
        return _stage == Stage.Passed ? NetworkFilterStatus.Continue : NetworkFilterStatus.Stop;
    }

    public override void OnClosed(CloseReason reason)
    {
        if (_stage != Stage.Waiting)
            return;
        _stage = Stage.Refused;
        _call.Cancel();
        _config.Active.Dec();
    }

    void IGrpcUnaryHandler.OnUnaryEnd(int status, ReadOnlySpan<byte> message)
    {
        _config.Active.Dec();
        var verdict = GrpcAuthzClient.VerdictOf(status, message);
        var mayPass = Count(verdict.Status);
        KeepMetadata(verdict);
        if (!mayPass)
        {
            Refuse(verdict.Status);
            return;
        }

        _stage = Stage.Passed;
        if (!_isStarting)
            Connection.ContinueReading();
    }

    private void Begin()
    {
        if (_config.EnabledMetadata?.IsMatch(Connection.Info.DynamicMetadata) == false)
        {
            _config.Disabled.Inc();
            _stage = Stage.Passed;
            return;
        }

        Connection.NoteTls();
        _stage = Stage.Waiting;
        _askedUs = _worker.Loop.NowUs;
        _config.Active.Inc();
        _config.Total.Inc();
        // What is answered at once is not waited for.
        _isStarting = true;
        _call.Start(CheckRequests.Create(Connection.Info, _config.Source), _config.Service.TimeoutMs);
        _isStarting = false;
    }

    /// <summary>Whether the connection may go on.</summary>
    private bool Count(AuthzStatus status)
    {
        switch (status)
        {
            case AuthzStatus.Ok:
                _config.Ok.Inc();
                return true;
            case AuthzStatus.Denied:
                _config.Denied.Inc();
                return false;
            default:
                _config.Error.Inc();
                if (_config.Source.FailureModeAllow)
                    _config.FailureModeAllowed.Inc();
                return _config.Source.FailureModeAllow;
        }
    }

    private void KeepMetadata(AuthzVerdict verdict)
    {
        if (verdict.Metadata is { Fields.Count: > 0 } metadata)
            Connection.Info.DynamicMetadata.Replace(MetadataNamespace, metadata);
        if (verdict.Status == AuthzStatus.Ok)
            Connection.Info.DynamicMetadata.Set(MetadataNamespace, "ext_authz_duration", (_worker.Loop.NowUs - _askedUs) / 1000);
    }

    private void Refuse(AuthzStatus status)
    {
        _stage = Stage.Refused;
        _config.ConnectionsClosed.Inc();
        Connection.Info.ResponseFlags |= ResponseFlags.UnauthorizedExternalService;
        Connection.Info.ResponseCodeDetails = status == AuthzStatus.Denied ? "ext_authz_denied" : "ext_authz_error";
        Connection.Close(CloseMode.Now);
    }
}
