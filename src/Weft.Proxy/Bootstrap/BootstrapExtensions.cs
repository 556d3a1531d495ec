using Envoy.Extensions.Bootstrap.InternalListener.V3;
using Envoy.Extensions.Network.SocketInterface.V3;
using Google.Protobuf;
using Weft.Proxy.Workers;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>bootstrap_extensions: what a process has beyond its configuration of resources. Main thread, before workers run.</summary>
internal static class BootstrapExtensions
{
    private const int Kilobyte = 1024;
    private const string DefaultInterface = "envoy.extensions.network.socket_interface.default_socket_interface";

    public static void Apply(BootstrapMessage bootstrap, FactoryContext context, WorkerSet workers)
    {
        if (bootstrap.DefaultSocketInterface is not ("" or DefaultInterface))
            context.Config.Error(bootstrap, "default_socket_interface", $"there is only {DefaultInterface}");
        foreach (var extension in bootstrap.BootstrapExtensions)
        {
            switch (context.Config.Unpack(extension.TypedConfig))
            {
                case InternalListener listener:
                    context.HasInternalListeners = true;
                    foreach (var worker in workers.Workers)
                        worker.Loop.InternalListeners.BufferBytes = (int)(listener.BufferSizeKb ?? 1024) * Kilobyte;
                    break;
                case DefaultSocketInterface:
                    break; // Sockets as they are; how they are waited for is no matter of configuration.
                case IMessage other:
                    context.Config.Error(extension, "typed_config", $"bootstrap extension {other.Descriptor.FullName} is not implemented yet");
                    break;
            }
        }
    }
}
