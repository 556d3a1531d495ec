using Envoy.Extensions.Bootstrap.InternalListener.V3;
using Google.Protobuf;
using Weft.Proxy.Workers;
using BootstrapMessage = Envoy.Config.Bootstrap.V3.Bootstrap;

namespace Weft.Proxy.Bootstrap;

/// <summary>bootstrap_extensions: what a process has beyond its configuration of resources. Main thread, before workers run.</summary>
internal static class BootstrapExtensions
{
    private const int Kilobyte = 1024;

    public static void Apply(BootstrapMessage bootstrap, FactoryContext context, WorkerSet workers)
    {
        foreach (var extension in bootstrap.BootstrapExtensions)
        {
            switch (context.Config.Unpack(extension.TypedConfig))
            {
                case InternalListener listener:
                    context.HasInternalListeners = true;
                    foreach (var worker in workers.Workers)
                        worker.Loop.InternalListeners.BufferBytes = (int)(listener.BufferSizeKb ?? 1024) * Kilobyte;
                    break;
                case IMessage other:
                    context.Config.Error(extension, "typed_config", $"bootstrap extension {other.Descriptor.FullName} is not implemented yet");
                    break;
            }
        }
    }
}
