using Envoy.Admin.V3;
using Envoy.Service.Status.V3;
using Google.Protobuf;
using Weft.Xds.Server;

namespace Weft.XdsServer;

/// <summary>
/// CSDS: which clients there are, and how each stands to every resource that it asks for. Each request of the call is answered with the state of
/// that moment. Loop thread.
/// </summary>
/// <param name="sessions">Those of all streams that are open.</param>
/// <param name="send">Takes the responses.</param>
internal sealed class ClientStatusCall(IEnumerable<DiscoverySession> sessions, Action<IMessage> send) : IGrpcSession
{
    /// <summary>One question, one answer.</summary>
    public const string FetchPath = Service + "FetchClientStatus";

    private const string Service = "/envoy.service.status.v3.ClientStatusDiscoveryService/";

    /// <summary>The methods: one question, or many on a stream.</summary>
    public static IReadOnlyList<string> Paths { get; } = [Service + "StreamClientStatus", FetchPath];

    public string? OnMessage(ReadOnlySpan<byte> message)
    {
        var request = ClientStatusRequest.Parser.ParseFrom(message);
        if (NodeMatch.Create(request.NodeMatchers, out var fault) is not { } match)
            return fault;
        var response = new ClientStatusResponse();
        // A client may have a stream for each type.
        foreach (var ofNode in sessions.Where(session => session.Node is not null && match.Fits(session.Node)).GroupBy(static session => session.Node!.Id, StringComparer.Ordinal))
        {
            var client = new ClientConfig { Node = ofNode.First().Node };
            client.GenericXdsConfigs.AddRange(ofNode.SelectMany(static session => session.Resources()).Select(resource => Config(resource, !request.ExcludeResourceContents)));
            response.Config.Add(client);
        }

        send(response);
        return null;
    }

    public void OnClosed()
    {
    }

    private static ClientConfig.Types.GenericXdsConfig Config(ClientResource resource, bool hasContents) => new()
    {
        TypeUrl = resource.Type.TypeUrl,
        Name = resource.Name,
        VersionInfo = resource.Resource?.Version ?? "",
        XdsConfig = hasContents ? resource.Resource?.Body : null,
        ConfigStatus = resource.State switch
        {
            ClientResourceState.Stale => ConfigStatus.Stale,
            ClientResourceState.Synced => ConfigStatus.Synced,
            ClientResourceState.Error => ConfigStatus.Error,
            _ => ConfigStatus.NotSent,
        },
        ErrorState = resource.State != ClientResourceState.Error ? null : new UpdateFailureState
        {
            Details = resource.Refusal,
            VersionInfo = resource.Resource!.Version,
            FailedConfiguration = hasContents ? resource.Resource.Body : null,
        },
    };
}
