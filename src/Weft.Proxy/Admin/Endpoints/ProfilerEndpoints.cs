namespace Weft.Proxy.Admin.Endpoints;

/// <summary>Profilers are asked for with <c>?enable=y</c> or <c>?enable=n</c> and nothing else.</summary>
internal static class ProfilerSwitch
{
    public static readonly string[] Choices = ["y", "n"];

    /// <summary>True for y, false for n, null (and an answer with the usage) for anything else.</summary>
    public static bool? Read(AdminRequest request, AdminResponse response)
    {
        if (request.Query.Count == 1 && request.Query.Find("enable") is { } value && Choices.Contains(value))
            return value == "y";
        response.Answer(400, "?enable=<y|n>\n");
        return null;
    }
}

/// <summary><c>/cpuprofiler</c>: answers as an Envoy whose profiler cannot start; dotnet-trace profiles this process.</summary>
internal sealed class CpuProfilerEndpoint : AdminEndpoint
{
    public CpuProfilerEndpoint()
        : base("/cpuprofiler", "enable/disable the CPU profiler")
    {
        Mutates = true;
        Parameters = [new("enable", "enables the CPU profiler", ProfilerSwitch.Choices)];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (ProfilerSwitch.Read(request, response) is not { } enable)
            return;
        if (enable)
            response.Answer(500, "failure to start the profiler");
        else
            response.Body.Write("OK\n");
    }
}

/// <summary><c>/heapprofiler</c>: not in this build.</summary>
internal sealed class HeapProfilerEndpoint : AdminEndpoint
{
    public HeapProfilerEndpoint()
        : base("/heapprofiler", "enable/disable the heap profiler")
    {
        Mutates = true;
        Parameters = [new("enable", "enable/disable the heap profiler", ProfilerSwitch.Choices)];
    }

    public override void Handle(AdminRequest request, AdminResponse response) => response.Answer(501, "The current build does not support heap profiler");
}

/// <summary><c>/heap_dump</c>: not in this build.</summary>
internal sealed class HeapDumpEndpoint() : AdminEndpoint("/heap_dump", "dump current Envoy heap (if supported)")
{
    public override void Handle(AdminRequest request, AdminResponse response) => response.Answer(501, "Heap profile is not implemented in current build");
}

/// <summary><c>/allocprofiler</c>: not in this build.</summary>
internal sealed class AllocationProfilerEndpoint : AdminEndpoint
{
    public AllocationProfilerEndpoint()
        : base("/allocprofiler", "enable/disable the allocation profiler (if supported)")
    {
        Mutates = true;
        Parameters = [new("enable", "enable/disable the allocation profiler", ProfilerSwitch.Choices)];
    }

    public override void Handle(AdminRequest request, AdminResponse response)
    {
        if (ProfilerSwitch.Read(request, response) is not null)
            response.Answer(400, "Allocation profile is not implemented in current build");
    }
}
