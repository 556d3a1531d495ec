using System.Text;
using Google.Protobuf.WellKnownTypes;
using Weft.Http;
using Weft.Proxy.Clusters.Calls;
using Weft.Proxy.Workers;

namespace Weft.Proxy.HttpFilters.ExtAuthz;

/// <summary>Asks a service by HTTP, with the request's own head: 200 lets it pass, 5xx is an error, anything else is the answer to the client. One worker.</summary>
internal sealed class HttpAuthzClient : IAuthzClient, IClusterCallHandler
{
    private const int MaxResponseBytes = 1024 * 1024;
    private static readonly HeaderName s_toRemove = new("x-envoy-auth-headers-to-remove");
    private static readonly HeaderName s_partialBody = new(CheckRequests.PartialBody);

    private readonly ExtAuthzConfig _config;
    private readonly Worker _worker;
    private readonly Action<AuthzVerdict> _onVerdict;
    private readonly ClusterCall _call;

    public HttpAuthzClient(ExtAuthzConfig config, Worker worker, Action<AuthzVerdict> onVerdict)
    {
        (_config, _worker, _onVerdict) = (config, worker, onVerdict);
        _call = new ClusterCall(worker, this) { MaxResponseBytes = MaxResponseBytes, Policy = config.Http!.Policy };
    }

    private HttpAuthzService Service => _config.Http!;

    public void Start(in AuthzQuestion question)
    {
        if (_worker.Clusters.Find(Service.Cluster) is not { } cluster)
        {
            _onVerdict(AuthzVerdict.Error);
            return;
        }

        var headers = _call.Headers;
        for (var i = 0; i < question.Headers.Count; i++)
        {
            var name = question.Headers.NameAt(i);
            if (question.Headers.KnownAt(i) is KnownHeader.ContentLength or KnownHeader.TransferEncoding or KnownHeader.Connection or KnownHeader.Path || !_config.IsSent(name)) continue;
            if (!name.SequenceEqual(s_partialBody.Bytes)) headers.Add(name, question.Headers.ValueAt(i));
        }

        if (Service.PathOverride is { } path) headers.Set(KnownHeader.Path, path);
        else headers.Set(KnownHeader.Path, [.. Service.PathPrefix, .. question.Headers.Get(KnownHeader.Path)]);
        foreach (var added in Service.Added) headers.Set(added.Name, added.Value);
        if (question.IsPartialBody is { } isPartial) headers.Set(s_partialBody, isPartial ? "true"u8 : "false"u8);
        _call.Body.Write(question.Body);
        _call.Send(cluster, _config.TimeoutMs);
    }

    public void Cancel() => _call.Cancel();

    void IClusterCallHandler.OnCallEnd(ClusterCall call, int status)
    {
        if (status is 0 or >= 500) _onVerdict(AuthzVerdict.Error);
        else _onVerdict(status == 200 ? ReadSuccess(call.ResponseHeaders) : ReadDenial(call, status));
    }

    private AuthzVerdict ReadSuccess(HeaderMap headers)
    {
        var verdict = new AuthzVerdict(AuthzStatus.Ok);
        for (var i = 0; i < headers.Count; i++)
        {
            var name = headers.NameAt(i);
            if (name.SequenceEqual(s_toRemove.Bytes))
            {
                foreach (var removed in new CommaList(headers.ValueAt(i))) verdict.Removed.Add(Encoding.UTF8.GetString(removed));
                continue;
            }

            if (Service.ToUpstream.IsMatch(name)) verdict.Set.Add(HeaderAt(headers, i));
            if (Service.AppendedToUpstream.IsMatch(name)) verdict.Added.Add(HeaderAt(headers, i));
            if (Service.ToClientOnSuccess.IsMatch(name)) verdict.ResponseAdded.Add(HeaderAt(headers, i));
            if (Service.ToMetadata.IsMatch(name))
                (verdict.Metadata ??= new Struct()).Fields[Encoding.UTF8.GetString(name)] = Value.ForString(Encoding.UTF8.GetString(headers.ValueAt(i)));
        }

        return verdict;
    }

    private AuthzVerdict ReadDenial(ClusterCall call, int status)
    {
        var verdict = new AuthzVerdict(AuthzStatus.Denied) { ResponseStatus = status, Body = call.ResponseBody.ToArray() };
        var headers = call.ResponseHeaders;
        for (var i = 0; i < headers.Count; i++)
        {
            // What frames the service's own message does not frame ours.
            if (headers.KnownAt(i) is KnownHeader.Status or KnownHeader.ContentLength or KnownHeader.TransferEncoding or KnownHeader.Connection) continue;
            var name = headers.NameAt(i);
            if (!name.SequenceEqual(s_toRemove.Bytes) && (Service.ToClient is null || Service.ToClient.IsMatch(name))) verdict.Set.Add(HeaderAt(headers, i));
        }

        return verdict;
    }

    private static AuthzHeader HeaderAt(HeaderMap headers, int index) => new(new HeaderName(Encoding.UTF8.GetString(headers.NameAt(index))), headers.ValueAt(index).ToArray());
}
