using Envoy.Config.Core.V3;

namespace Weft.Xds.Server;

/// <summary>Hears what clients say to what they are sent. One thread.</summary>
public interface IDiscoveryLog
{
    /// <summary>A client has come for which there is nothing yet: it is not answered before there is.</summary>
    void OnUnknown(Node node);

    /// <summary>A response was accepted.</summary>
    void OnAccepted(Node node, ResourceType type, string version);

    /// <summary>A response was refused: the client keeps what it has.</summary>
    void OnRefused(Node node, ResourceType type, string version, string reason);
}
