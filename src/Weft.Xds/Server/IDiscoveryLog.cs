using Envoy.Config.Core.V3;

namespace Weft.Xds.Server;

/// <summary>Hears what clients say to what they are sent. One thread.</summary>
public interface IDiscoveryLog
{
    /// <summary>A response was accepted.</summary>
    void OnAccepted(Node node, ResourceType type, string version);

    /// <summary>A response was refused: the client keeps what it has.</summary>
    void OnRefused(Node node, ResourceType type, string version, string reason);
}
