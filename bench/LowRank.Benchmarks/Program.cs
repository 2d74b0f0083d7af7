using LowRank.Benchmarks;

StepTimeStudy.Run(args.Skip(1).ToArray());
