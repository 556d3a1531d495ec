using Envoy.Admin.V3;

namespace Weft.Proxy.Admin.Endpoints;

/// <summary><c>/memory</c>: what the managed heap uses and holds, and the resident memory of the process, in bytes, as JSON.</summary>
internal sealed class MemoryEndpoint() : AdminEndpoint("/memory", "print current allocation/heap usage")
{
    public override void Handle(AdminRequest request, AdminResponse response)
    {
        var heap = GC.GetGCMemoryInfo();
        AdminJson.Answer(response, withDefaults: true, message: new Memory
        {
            Allocated = (ulong)GC.GetTotalMemory(forceFullCollection: false),
            HeapSize = (ulong)heap.TotalCommittedBytes,
            PageheapFree = (ulong)heap.FragmentedBytes,
            TotalPhysicalBytes = (ulong)Environment.WorkingSet,
        });
    }
}
